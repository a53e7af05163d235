package org.posthorn.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.DriverManager;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthorn.testkit.AcceptingServer;

/** The index breaks while the daemon runs: mail is taken and delivered all the same, and none is forgotten. */
final class IndexFaultTest {
  private static final String MAIL = "Subject: hello\r\n\r\nThe text.\r\n";

  @TempDir
  private Path directory;

  @Test
  void goesOnWithoutAnIndexAndMakesAnotherAtTheNextStart() throws Exception {
    try (var server = AcceptingServer.start("PIPELINING")) {
      server.answer("RCPT .*<later@.*", "451 4.3.2 busy");
      try (var mta = RunningMta.start(directory, RunningMta.relay(server))) {
        shutDown();
        overwrite();
        mta.accept("alice@example.org", "later@far.example", MAIL);
        mta.await("a failure", () -> mta.log().contains("cannot write the index; mail is safe"));
        mta.accept("alice@example.org", "now@far.example", MAIL);
        mta.accept("carol@far.example", "bob@example.org", MAIL);
        server.awaitMails(1);
        mta.awaitMailbox("bob", 1);
      }
      server.answer("RCPT .*<later@.*", "250 2.1.5 ok");
      try (var mta = RunningMta.start(directory, RunningMta.relay(server))) {
        mta.retry();
        assertThat(server.awaitMails(2)).last()
            .satisfies(mail -> assertThat(mail.recipients()).containsExactly("<later@far.example>"));
        mta.awaitEmpty();
        mta.awaitLog("index made from the spool reason=\"it was damaged, see");
        assertThat(mta.mailbox("bob")).hasSize(1);
      }
    }
  }

  @Test
  void writesTheIndexWhenItsFileIsNoLongerLocked() throws Exception {
    try (var server = AcceptingServer.start("PIPELINING");
        var mta = RunningMta.start(directory, RunningMta.relay(server))) {
      server.answerOnce("RCPT .*", "451 4.3.2 busy");
      try (var file = FileChannel.open(index(), StandardOpenOption.WRITE)) {
        shutDown();
        file.lock();
        mta.accept("alice@example.org", "later@far.example", MAIL);
        mta.await("a failure", () -> mta.log().contains("cannot write the index; mail is safe"));
      }
      mta.await("an index that works", () -> mta.log().contains("the index works again"));
      mta.awaitWhileTimePasses("a delivery", () -> !server.mails().isEmpty());
      mta.awaitEmpty();
      assertThat(mta.spooled()).isEmpty();
    }
  }

  @Test
  void saysThatNewSettingsAreInForceWhenTheIndexCannotFollow() throws Exception {
    try (var server = AcceptingServer.start("PIPELINING");
        var mta = RunningMta.start(directory, RunningMta.relay(server))) {
      try (var file = FileChannel.open(index(), StandardOpenOption.WRITE)) {
        shutDown();
        file.lock();
        assertThatThrownBy(() -> mta.reload(RunningMta.relay(server), "new: bob\n"))
            .hasMessageContaining("the new settings are in force");
        mta.accept("carol@far.example", "new@example.org", MAIL);
        mta.awaitMailbox("bob", 1);
      }
    }
  }

  private Path index() {
    return directory.resolve("data/index.mv.db");
  }

  /** Closes the database under the feet of the daemon, as a failed write to its file does. */
  private void shutDown() throws Exception {
    var url = "jdbc:h2:file:" + directory.resolve("data/index") + ";IFEXISTS=TRUE";
    try (var connection = DriverManager.getConnection(url, "posthorn", "");
        var statement = connection.createStatement()) {
      statement.execute("shutdown immediately");
    }
  }

  private void overwrite() throws Exception {
    byte[] noise = Files.readAllBytes(index());
    Arrays.fill(noise, (byte) 'x');
    Files.write(index(), noise);
  }
}
