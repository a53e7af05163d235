package org.posthorn.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthorn.queue.Destination;
import org.posthorn.queue.Pause;
import org.posthorn.queue.spool.FaultyDisk;
import org.posthorn.queue.spool.FaultyDisk.Step;
import org.posthorn.queue.spool.LocalDisk;
import org.posthorn.testkit.AcceptingServer;
import org.posthorn.testkit.SettableClock;
import org.posthorn.testkit.SmtpTalk;

/** A spool on a disk that is full, read-only or broken: nothing is taken that is not safe, and nothing is sent twice. */
final class DiskFaultTest {
  private static final String MAIL = "Subject: hello\r\n\r\nThe text.\r\n";

  private static final int STEPS_OF_A_MESSAGE = 25;

  @TempDir
  private Path directory;

  private final SettableClock clock = new SettableClock(Instant.parse("2026-11-22T08:00:00Z"));
  private final FaultyDisk disk = new FaultyDisk(new LocalDisk());

  /** Starts it without a journal: each message has a file of its own at once. */
  private RunningMta start(String settings) throws Exception {
    return start("0B", settings);
  }

  private RunningMta start(String largestInJournal, String settings) throws Exception {
    return RunningMta.start(directory, "journal-largest-message = \"%s\"%n".formatted(largestInJournal) + settings,
        disk,
        clock);
  }

  @ParameterizedTest
  @CsvSource({"CREATE, 0B", "WRITE, 0B", "SYNC, 0B", "RENAME, 0B", "SYNC_DIRECTORY, 0B", "CREATE, 1MB", "WRITE, 1MB",
      "SYNC, 1MB", "SYNC_DIRECTORY, 1MB"})
  void takesNoMailThatTheDiskRefusesAndTakesItAgainAfterwards(Step broken, String largestInJournal) throws Exception {
    try (var mta = start(largestInJournal, ""); var client = mta.greet()) {
      disk.failWhen(step -> step == broken);
      assertThat(refusalOf(client)).startsWith("452 4.3.1");
      assertThat(mta.spooled()).isEmpty();

      disk.heal();
      client.say("RSET", "250");
      client.mail("carol@far.example", "bob@example.org", MAIL);

      assertThat(mta.awaitMailbox("bob", 1)).singleElement().asString().endsWith("\n\nThe text.\n");
      mta.awaitEmpty();
      assertThat(mta.spooled()).isEmpty();
    }
  }

  @Test
  void servesOnWhileTheDiskIsReadOnly() throws Exception {
    try (var mta = start(""); var client = mta.greet()) {
      disk.failWhen(step -> step != Step.READ);
      assertThat(refusalOf(client)).startsWith("452 4.3.1");
      client.say("RSET", "250");
      assertThat(refusalOf(client)).startsWith("452 4.3.1");
      assertThat(mta.spooled()).isEmpty();

      disk.heal();
      client.say("RSET", "250");
      client.mail("carol@far.example", "bob@example.org", MAIL);
      mta.awaitMailbox("bob", 1);
    }
  }

  @Test
  void refusesBeforeTheContentWhileTheDiskIsFull() throws Exception {
    try (var mta = start(""); var client = mta.greet()) {
      disk.setUsableSpace(0);
      assertThat(refusalOf(client)).startsWith("452 4.3.1");
      client.say("MAIL FROM:<carol@far.example>", "250");
      client.say("RCPT TO:<bob@example.org>", "250");
      client.say("DATA", "452 4.3.1");
      assertThat(mta.spooled()).isEmpty();

      disk.setUsableSpace(Long.MAX_VALUE);
      clock.advance(Duration.ofSeconds(1)); // it asks the disk that often
      client.say("RSET", "250");
      client.mail("carol@far.example", "bob@example.org", MAIL);
      mta.awaitMailbox("bob", 1);
    }
  }

  @Test
  void sendsNothingTwiceThatTheDiskWillNotForget() throws Exception {
    try (var server = AcceptingServer.start("PIPELINING"); var mta = start(route("*", server))) {
      disk.failWhen(step -> step == Step.DELETE);
      mta.accept("alice@example.org", "carol@far.example", MAIL);
      server.awaitMails(1);
      mta.await("a failure to settle", () -> mta.log().contains("cannot record what became of a message"));
      int steps = disk.steps();
      mta.awaitWhileTimePasses("another failure", () -> disk.steps() > steps);
      mta.retry();

      disk.heal();
      mta.awaitWhileTimePasses("an empty spool", () -> mta.spooled().isEmpty());
      mta.awaitEmpty();
      assertThat(server.mails()).hasSize(1);
    }
  }

  @Test
  void sendsNothingTwiceThatTheDiskWillNotNote() throws Exception {
    try (var good = AcceptingServer.start("PIPELINING"); var busy = AcceptingServer.start("PIPELINING")) {
      busy.answer("RCPT .*", "451 4.3.2 busy");
      var routes = route("good.example", good) + route("busy.example", busy);
      try (var mta = start(routes)) {
        acceptForBoth(mta, good);
        disk.failWhen(step -> step == Step.WRITE);
        mta.control().resume(destination(good));
        good.awaitMails(1);
        mta.await("a failure to settle", () -> mta.log().contains("cannot record what became of a message"));

        disk.heal();
        mta.awaitWhileTimePasses("a note of success", () -> mta.waiting().size() == 1);
      }
      busy.answer("RCPT .*", "250 2.1.5 ok");
      try (var mta = start(routes)) { // what it knows of the success now, it has from the disk
        mta.retry();
        busy.awaitMails(1);
        mta.awaitEmpty();
        assertThat(good.mails()).hasSize(1);
        assertThat(mta.spooled()).isEmpty();
      }
    }
  }

  @Test
  void returnsMailOnceThoughTheDiskWouldNotTakeTheReport() throws Exception {
    try (var server = AcceptingServer.start("PIPELINING"); var mta = start(route("*", server))) {
      server.answer("RCPT .*", "550 5.1.1 no such user");
      mta.control().pause(destination(server), new Pause("not yet", Optional.empty()));
      mta.accept("alice@example.org", "gone@far.example", MAIL);
      disk.failWhen(step -> step == Step.CREATE);
      mta.control().resume(destination(server));
      mta.await("a failure to settle", () -> mta.log().contains("cannot record what became of a message"));
      int steps = disk.steps();
      mta.awaitWhileTimePasses("another failure", () -> disk.steps() > steps);

      disk.heal();
      mta.awaitWhileTimePasses("a report", () -> !mta.mailbox("alice").isEmpty());

      mta.awaitEmpty();
      assertThat(mta.mailbox("alice")).singleElement().asString().contains("Action: failed", "no such user");
      assertThat(mta.spooled()).isEmpty();
      assertThat(server.commands().stream().filter(command -> command.startsWith("RCPT"))).hasSize(1);
    }
  }

  /** One message for each step of the disk that can fail between its arrival and its end. */
  @ParameterizedTest
  @ValueSource(strings = {"0B", "1MB"})
  void sendsOrReturnsOnceWhatItTookWhereverTheDiskFails(String largestInJournal) throws Exception {
    try (var server = AcceptingServer.start("PIPELINING");
        var mta = start(largestInJournal, route("*", server));
        var client = mta.greet()) {
      server.answer("RCPT .*<gone@.*", "550 5.1.1 no such user");
      int taken = 0;
      for (int step = 1; step <= STEPS_OF_A_MESSAGE; step++) {
        disk.failOnceAt(step);
        taken += isTaken(client, "carol@far.example", "gone@far.example") ? 1 : 0;
        int expected = taken;
        mta.awaitWhileTimePasses("a delivery and a report", () -> server.mails().size() >= expected
            && mta.mailbox("alice").size() >= expected && mta.waiting().isEmpty() && mta.spooled().isEmpty());
        assertThat(server.mails()).as("delivered at step %d", step).hasSize(taken);
        assertThat(mta.mailbox("alice")).as("returned at step %d", step).hasSize(taken);
      }
      assertThat(taken).isBetween(STEPS_OF_A_MESSAGE / 2, STEPS_OF_A_MESSAGE - 1);
    }
  }

  private static boolean isTaken(SmtpTalk client, String... recipients) throws Exception {
    client.say("MAIL FROM:<alice@example.org>", "250");
    for (var recipient : recipients) {
      client.say("RCPT TO:<" + recipient + ">", "250");
    }
    client.say("DATA", "354");
    client.send(MAIL);
    return client.say(".", "").startsWith("250");
  }

  @Test
  void delaysMailThatTheDiskWillNotRead() throws Exception {
    try (var server = AcceptingServer.start("PIPELINING"); var mta = start(route("*", server))) {
      mta.control().pause(destination(server), new Pause("not yet", Optional.empty()));
      mta.accept("alice@example.org", "carol@far.example", MAIL);
      disk.failWhen(step -> step == Step.READ);
      int steps = disk.steps();
      mta.control().resume(destination(server));
      mta.await("an attempt", () -> disk.steps() > steps);
      mta.awaitDeferred();
      assertThat(server.mails()).isEmpty();

      disk.heal();
      mta.awaitWhileTimePasses("a delivery", () -> !server.mails().isEmpty());

      mta.awaitEmpty();
      assertThat(server.mails()).hasSize(1);
      assertThat(mta.mailbox("alice")).isEmpty();
      assertThat(mta.spooled()).isEmpty();
    }
  }

  @Test
  void keepsMailForAMailboxThatCannotBeWritten() throws Exception {
    var obstacle = directory.resolve("data/mail/example.org/bob");
    Files.createDirectories(directory.resolve("data/mail/example.org"));
    Files.writeString(obstacle, "not a directory");
    try (var mta = start("")) {
      mta.accept("carol@far.example", "bob@example.org", MAIL);
      assertThat(mta.awaitDeferred()).hasSize(1);
      mta.awaitLog("dsn=4.", "status=deferred");

      Files.delete(obstacle);
      mta.retry();

      mta.awaitMailbox("bob", 1);
      mta.awaitEmpty();
    }
  }

  /** Takes one message for carol@good.example, which waits, and dave@busy.example. */
  private static void acceptForBoth(RunningMta mta, AcceptingServer good) throws Exception {
    mta.control().pause(destination(good), new Pause("not yet", Optional.empty()));
    try (var client = mta.greet()) {
      client.say("MAIL FROM:<alice@example.org>", "250");
      client.say("RCPT TO:<carol@good.example>", "250");
      client.say("RCPT TO:<dave@busy.example>", "250");
      client.say("DATA", "354");
      client.send(MAIL);
      client.say(".", "250");
    }
    mta.await("an attempt at the busy server", () -> mta.log().contains("451 4.3.2 busy"));
  }

  /** Sends a message until something is refused, and returns that reply. */
  private static String refusalOf(SmtpTalk client) throws Exception {
    var reply = client.say("MAIL FROM:<carol@far.example>", "");
    if (reply.startsWith("250")) {
      client.say("RCPT TO:<bob@example.org>", "250");
      client.say("DATA", "354");
      client.send(MAIL);
      reply = client.say(".", "");
    }
    return reply;
  }

  private static Destination destination(AcceptingServer server) {
    return new Destination("smtp://127.0.0.1:" + server.address().getPort());
  }

  private static String route(String domain, AcceptingServer server) {
    return """
           [[route]]
           domain = "%s"
           via = "%s"
           """.formatted(domain, destination(server));
  }
}
