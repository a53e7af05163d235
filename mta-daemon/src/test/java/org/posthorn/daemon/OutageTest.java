package org.posthorn.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthorn.queue.QueueEntry;
import org.posthorn.testkit.AcceptingServer;
import org.posthorn.testkit.FakeDnsServer;
import org.posthorn.testkit.FreePort;

/** What becomes of mail while servers and resolvers elsewhere are down. */
final class OutageTest {
  private static final String MAIL = "From: alice@example.org\r\nSubject: hello\r\n\r\nThe text.\r\n";

  @TempDir
  private Path directory;

  private static String settings(FakeDnsServer dns, int port) {
    return """
           [dns]
           servers = ["127.0.0.1:%d"]
           timeout = "200ms"
           attempts = 1
           [delivery]
           port = %d
           """.formatted(dns.address().getPort(), port);
  }

  @Test
  void triesForFiveDaysAndTellsTheSenderTwice() throws Exception {
    try (var dns = FakeDnsServer.start("""
                                       far.example MX 10 mx.far.example
                                       mx.far.example A 127.0.0.1
                                       """); var mta = RunningMta.start(directory, settings(dns, FreePort.find()))) {
      var start = mta.clock().instant();
      mta.accept("alice@example.org", "carol@far.example", MAIL);

      List<Instant> attempts = attempts(mta, start.plus(Duration.ofDays(6)));

      var reports = mta.awaitMailbox("alice", 2);
      mta.awaitEmpty();
      assertThat(reports).hasSize(2);
      assertThat(reports.getFirst()).contains("Action: delayed", "Final-Recipient: rfc822; carol@far.example",
          "Date: Sun, 22 Nov 2026 12:00:00 +0000");
      assertThat(reports.getLast()).contains("Action: failed", "Final-Recipient: rfc822; carol@far.example",
          "Date: Fri, 27 Nov 2026 08:00:00 +0000");
      assertThat(mta.spooled()).isEmpty();
      assertThat(attempts).contains(start.plus(Duration.ofHours(4)), start.plus(Duration.ofDays(5)))
          .hasSizeBetween(30, 50);
    }
  }

  @Test
  void keepsMailWhileTheResolverIsSilent() throws Exception {
    try (var server = AcceptingServer.start("PIPELINING");
        var dns = FakeDnsServer.start("""
                                      far.example MX 10 mx.far.example
                                      mx.far.example A 127.0.0.1
                                      """);
        var mta = RunningMta.start(directory, settings(dns, server.address().getPort()))) {
      dns.pause();
      mta.accept("alice@example.org", "carol@far.example", MAIL);
      assertThat(mta.awaitDeferred()).singleElement()
          .satisfies(entry -> assertThat(entry.listing().attempts()).isEqualTo(1));
      assertThat(mta.log()).contains("dsn=4.4.3 status=deferred");
      assertThat(server.connections()).isZero();

      dns.resume();
      mta.retry();

      assertThat(server.awaitMails(1)).singleElement()
          .satisfies(mail -> assertThat(mail.recipients()).containsExactly("<carol@far.example>"));
      mta.awaitEmpty();
      assertThat(mta.mailbox("alice")).isEmpty();
    }
  }

  @Test
  void deliversAtOnceThroughTheSecondServerWhenTheFirstIsDown() throws Exception {
    try (var server = AcceptingServer.start("PIPELINING");
        var dns = FakeDnsServer.start("""
                                      far.example MX 10 first.far.example
                                      far.example MX 20 second.far.example
                                      first.far.example A 127.0.0.2
                                      second.far.example A 127.0.0.1
                                      """);
        var mta = RunningMta.start(directory, settings(dns, server.address().getPort()))) {
      mta.accept("alice@example.org", "carol@far.example", MAIL);

      assertThat(server.awaitMails(1)).singleElement()
          .satisfies(mail -> assertThat(mail.content()).endsWith("\r\n\r\nThe text.\r\n"));
      mta.awaitEmpty();
      assertThat(dns.count("first.far.example", "A")).isPositive();
      assertThat(mta.log()).contains("relay=second.far.example[127.0.0.1:").doesNotContain("status=deferred");
    }
  }

  /** Moves the clock from attempt to attempt until nothing waits any more or it is {@code end}; returns when they were. */
  private static List<Instant> attempts(RunningMta mta, Instant end) throws Exception {
    var attempts = new ArrayList<Instant>();
    var waiting = mta.awaitDeferred();
    while (!waiting.isEmpty()) {
      assertThat(waiting).singleElement().extracting(QueueEntry::state).isEqualTo(QueueEntry.State.DEFERRED);
      var due = waiting.getFirst().listing().due();
      attempts.add(due);
      mta.setClock(due);
      waiting = mta.awaitDeferred();
      int reports = Duration.between(attempts.getFirst(), due).toHours() < 3 ? 0 : 1;
      mta.awaitMailbox("alice", reports); // it is written with the time that the clock shows
    }
    mta.setClock(end);
    return attempts;
  }
}
