package org.posthorn.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthorn.daemon.admin.AdminClient;

/** What Prometheus gets of a daemon. */
final class MetricsPageTest {
  private static final Pattern NAME = Pattern.compile("# TYPE (posthorn_\\w+) ");

  @TempDir
  private Path directory;

  @Test
  void eachMetricHasItsPlaceInTheDocuments() throws Exception {
    var operations = Files.readString(Path.of("").toAbsolutePath().resolveSibling("docs/operations.md"));
    try (var mta = RunningMta.start(directory, "")) {
      var names = NAME.matcher(page(mta)).results().map(found -> found.group(1)).collect(Collectors.toSet());
      assertThat(names).hasSizeGreaterThan(20).allSatisfy(name -> assertThat(operations).contains(name));
    }
  }

  @Test
  void countsByKindOfListener() throws Exception {
    try (var mta = RunningMta.start(directory, """
                                               [[listener]]
                                               kind = "lmtp"
                                               address = "127.0.0.1:0"
                                               """)) {
      mta.accept("carol@far.example", "alice@example.org", "Subject: x\r\n\r\nx\r\n");
      try (var talk = mta.greet()) {
        talk.say("MAIL FROM:<carol@far.example>", "250");
        talk.say("RCPT TO:<nobody@example.org>", "550");
      }
      assertThat(page(mta)).contains("posthorn_messages_accepted_total{listener=\"mx\"} 1.0",
          "posthorn_messages_accepted_total{listener=\"lmtp\"} 0.0", "posthorn_connections_total{listener=\"mx\"} 2.0",
          "posthorn_refused_total{listener=\"mx\",what=\"recipient\"} 1.0",
          "posthorn_refused_total{listener=\"odmr\",what=\"recipient\"} 0.0", "posthorn_visitors 0.0",
          "posthorn_mail_asked_for_total{answer=\"atrn_turned\"} 0.0",
          "posthorn_tracking_questions_total{result=\"known\"} 0.0");
    }
  }

  private String page(RunningMta mta) throws Exception {
    assertThat(mta.status().listeners()).isNotEmpty();
    try (var body = new AdminClient(directory.resolve("data/admin.sock")).ask("GET", "/metrics", Map.of())) {
      return new String(body.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
