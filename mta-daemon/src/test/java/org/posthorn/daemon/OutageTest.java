package org.posthorn.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.posthorn.queue.QueueEntry;
import org.posthorn.queue.spool.LocalDisk;
import org.posthorn.testkit.AcceptingServer;
import org.posthorn.testkit.FakeDnsServer;
import org.posthorn.testkit.FreePort;
import org.posthorn.testkit.SettableClock;

/** What becomes of mail while servers and resolvers elsewhere are down. */
final class OutageTest {
  private static final String MAIL = "From: alice@example.org\r\nSubject: hello\r\n\r\nThe text.\r\n";

  private static final String ZONE = """
                                     far.example MX 10 mx.far.example
                                     mx.far.example A 127.0.0.1
                                     """;

  @TempDir
  private Path directory;

  private static String settings(FakeDnsServer dns, int port) {
    return settings(dns, port, "");
  }

  private static String settings(FakeDnsServer dns, int port, String patience) {
    return """
           [dns]
           servers = ["127.0.0.1:%d"]
           %s
           [delivery]
           port = %d
           """.formatted(dns.address().getPort(), patience, port);
  }

  @Test
  void triesForFiveDaysAndTellsTheSenderTwice() throws Exception {
    try (var dns = FakeDnsServer.start(ZONE); var mta = RunningMta.start(directory, settings(dns, FreePort.find()))) {
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
  void tellsOfADelayOnceThoughItIsRestartedEveryDay() throws Exception {
    var clock = new SettableClock(Instant.parse("2026-11-22T08:00:00Z"));
    int port = FreePort.find();
    try (var dns = FakeDnsServer.start(ZONE)) {
      try (var mta = RunningMta.start(directory, settings(dns, port), new LocalDisk(), clock)) {
        mta.accept("alice@example.org", "carol@far.example", MAIL);
        mta.awaitDeferred();
        mta.setClock(clock.instant().plus(Duration.ofHours(4)));
        assertThat(mta.awaitMailbox("alice", 1)).singleElement().asString().contains("Action: delayed");
      }
      for (int day = 1; day <= 4; day++) {
        clock.advance(Duration.ofDays(1));
        try (var mta = RunningMta.start(directory, settings(dns, port), new LocalDisk(), clock)) {
          assertThat(mta.awaitDeferred()).hasSize(1);
          assertThat(mta.mailbox("alice")).hasSize(1);
        }
      }
      clock.advance(Duration.ofDays(1));
      try (var mta = RunningMta.start(directory, settings(dns, port), new LocalDisk(), clock)) {
        assertThat(mta.awaitMailbox("alice", 2)).last().asString().contains("Action: failed");
        mta.awaitEmpty();
        assertThat(mta.mailbox("alice")).hasSize(2);
        assertThat(mta.spooled()).isEmpty();
      }
    }
  }

  @ParameterizedTest(name = "MAIL FROM:{0} RCPT TO:{1} for {2} days")
  @CsvSource({"<>, <carol@far.example>, 2", "<alice@example.org>, <carol@far.example> NOTIFY=NEVER, 5"})
  void givesUpInSilenceWhenNobodyWantsToHear(String from, String to, int days) throws Exception {
    try (var dns = FakeDnsServer.start(ZONE);
        var mta = RunningMta.start(directory, settings(dns, FreePort.find()));
        var client = mta.greet()) {
      client.say("MAIL FROM:" + from, "250");
      client.say("RCPT TO:" + to, "250");
      client.say("DATA", "354");
      client.send(MAIL);
      client.say(".", "250");
      assertThat(mta.awaitDeferred()).hasSize(1);
      mta.setClock(mta.clock().instant().plus(Duration.ofDays(days)).minusSeconds(1));
      assertThat(mta.awaitDeferred()).hasSize(1);
      mta.setClock(mta.clock().instant().plusSeconds(1));
      mta.awaitEmpty();
      assertThat(mta.mailbox("alice")).isEmpty();
      assertThat(mta.spooled()).isEmpty();
    }
  }

  @ParameterizedTest(name = "mail for {0}: {1}")
  @CsvSource({"missing.example, 5.1.2", "null.example, 5.1.10", "self.example, 5.4.6"})
  void returnsMailAtOnceThatTheDnsSaysCannotBeDelivered(String domain, String status) throws Exception {
    try (var dns = FakeDnsServer.start("""
                                       null.example MX 0 .
                                       self.example MX 10 mail.example.org
                                       mail.example.org A 127.0.0.1
                                       """); var mta = RunningMta.start(directory, settings(dns, FreePort.find()))) {
      mta.accept("alice@example.org", "carol@" + domain, MAIL);
      assertThat(mta.awaitMailbox("alice", 1)).singleElement()
          .asString()
          .contains("Action: failed", "Status: " + status, "Final-Recipient: rfc822; carol@" + domain);
      mta.awaitEmpty();
    }
  }

  @Test
  void keepsMailWhileTheResolverIsSilent() throws Exception {
    try (var server = AcceptingServer.start("PIPELINING");
        var dns = FakeDnsServer.start(ZONE);
        var mta = RunningMta.start(directory,
            settings(dns, server.address().getPort(), "timeout = \"200ms\"\nattempts = 1"))) {
      dns.pause();
      mta.accept("alice@example.org", "carol@far.example", MAIL);
      assertThat(mta.awaitDeferred()).singleElement()
          .satisfies(entry -> assertThat(entry.listing().attempts()).isEqualTo(1));
      mta.awaitLog("dsn=4.4.3 status=deferred");
      assertThat(server.connections()).isZero();

      dns.resume();
      mta.await("an answer in time", () -> {
        mta.retry();
        return !server.mails().isEmpty();
      });
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
      assertThat(mta.awaitLog("relay=second.far.example[127.0.0.1:")).doesNotContain("status=deferred");
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
