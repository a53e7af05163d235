package org.posthorn.daemon.packaged;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthorn.testkit.Needs;
import org.posthorn.testkit.SmtpTalk;

/**
 * The dialogues of Apache James against the packaged daemon. Their replies are James' own words, so only the codes count;
 * all of them pipeline the commands up to DATA.
 */
@TestInstance(Lifecycle.PER_CLASS)
class JamesSuiteIT {
  private static final String SUITE = "06-smtp/james-mpt";
  private static final Map<String, String> LEFT_OUT = Map.of("authplain.test", "needs AUTH", "starttls.test",
      "needs TLS", "starttls_session_fixation.test", "needs TLS", "starttls_with_injection.test", "needs TLS");

  private PackagedDaemon daemon;

  @BeforeAll
  void start(@TempDir Path folder) throws Exception {
    var aliases = Files.writeString(folder.resolve("aliases"), "starttls: bob\n");
    daemon = PackagedDaemon.start(folder, "aliases-file = \"" + aliases + "\"\n");
  }

  @AfterAll
  void stop() {
    daemon.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"helo.test", "data_starts_with_starttls.test", "data_with_starttls.test",
      "rcpt_with_starttls.test"})
  void answersWithTheSameCodes(String name) throws IOException {
    var expected = new ArrayList<String>();
    var answered = new ArrayList<String>();
    try (var talk = SmtpTalk.connect(daemon.port())) {
      for (var line : Files.readAllLines(Needs.suite(SUITE + "/" + name))) {
        if (line.startsWith("C:")) {
          talk.send(line.substring(2).strip().replace("mydomain.tld", "here.example") + "\r\n");
        } else if (isFinalReply(line)) {
          expected.add(line.substring(3, 6));
          answered.add(talk.expect("").substring(0, 3));
        }
      }
    }
    assertThat(answered).isEqualTo(expected);
  }

  @Test
  void everyDialogueIsPlayedOrLeftOutWithAReason() throws IOException {
    List<String> all;
    try (var files = Files.list(Needs.suite(SUITE))) {
      all = files.map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".test"))
          .collect(
              Collectors.toList());
    }
    all.removeAll(LEFT_OUT.keySet());
    assertThat(all).containsExactlyInAnyOrder("helo.test", "data_starts_with_starttls.test", "data_with_starttls.test",
        "rcpt_with_starttls.test");
  }

  /** The lines "S: 250-…" and the first "S: 250.*" belong to the answer to EHLO, which ends with "S: 250 …". */
  private static boolean isFinalReply(String line) {
    return line.startsWith("S: ") && line.length() > 6 && line.charAt(6) == ' ';
  }
}
