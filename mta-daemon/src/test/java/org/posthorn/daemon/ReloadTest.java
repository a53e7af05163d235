package org.posthorn.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthorn.daemon.admin.DaemonStatus.State;
import org.posthorn.daemon.config.ConfigException;
import org.posthorn.testkit.AcceptingServer;

/** Other settings while clients are connected and mail waits. */
final class ReloadTest {
  private static final String MAIL = "Subject: hello\r\n\r\nThe text.\r\n";
  private static final String TRACKING = "[tracking]\naddress = \"127.0.0.1:0\"\n";

  @TempDir
  private Path directory;

  @Test
  void putsAliasesAndRoutesInForceWithoutDroppingAConnection() throws Exception {
    try (var first = AcceptingServer.start("PIPELINING");
        var second = AcceptingServer.start("PIPELINING");
        var mta = RunningMta.start(directory, RunningMta.relay(first));
        var client = mta.greet()) {
      client.mail("alice@example.org", "carol@far.example", MAIL);
      first.awaitMails(1);
      client.say("MAIL FROM:<carol@far.example>", "250");
      client.say("RCPT TO:<new@example.org>", "550 5.1.1");
      client.say("RSET", "250");

      mta.reload(RunningMta.relay(second), "new: bob\n");

      mta.accept("carol@far.example", "new@example.org", MAIL);
      mta.awaitMailbox("bob", 1);
      client.mail("alice@example.org", "carol@far.example", MAIL);
      second.awaitMails(1);
      assertThat(first.mails()).hasSize(1);
      client.say("QUIT", "221");
    }
  }

  @Test
  void sendsWhatWaitsByTheNewRoute() throws Exception {
    try (var busy = AcceptingServer.start("PIPELINING");
        var free = AcceptingServer.start("PIPELINING");
        var mta = RunningMta.start(directory, RunningMta.relay(busy))) {
      busy.answer("RCPT .*", "451 4.3.2 busy");
      mta.accept("alice@example.org", "carol@far.example", MAIL);
      assertThat(mta.awaitDeferred()).hasSize(1);

      mta.reload(RunningMta.relay(free), "");
      mta.setClock(mta.awaitDeferred().getFirst().listing().due());

      free.awaitMails(1);
      mta.awaitEmpty();
    }
  }

  @Test
  void saysWhatTakesEffectAtTheNextStartOnly() throws Exception {
    try (var mta = RunningMta.start(directory, "")) {
      mta.reload("writers = 3\n[auth]\npassword-threads = 5\n[dns]\nattempts = 5\n", "");
      assertThat(mta.awaitLog("next start key=auth.password-threads", "next start key=dns", "next start key=queue"))
          .doesNotContain("next start key=listener");
      assertThat(mta.reload()).containsExactly("dns", "queue", "auth.password-threads"); // it still does
    }
  }

  @Test
  void goesOnWithTheDataDirectoryThatItHas() throws Exception {
    try (var mta = RunningMta.start(directory, "")) {
      var before = mta.status();
      var file = directory.resolve("posthorn.toml");
      Files.writeString(file,
          Files.readString(file).replace("data-directory = \"data\"", "data-directory = \"other\""));
      assertThat(mta.reload()).contains("data-directory");
      assertThat(mta.status().dataDirectory()).isEqualTo(before.dataDirectory());
      assertThat(mta.status().state()).isEqualTo(State.SERVING);
      assertThat(Files.getPosixFilePermissions(directory.resolve("other"))) // a certificate is in it already
          .isEqualTo(PosixFilePermissions.fromString("rwx------"));
    }
  }

  @Test
  void refusesMailByTheFloorThatTheSpoolHas() throws Exception {
    try (var mta = RunningMta.start(directory, "")) {
      assertThat(mta.status().state()).isEqualTo(State.SERVING);
      var file = directory.resolve("posthorn.toml");
      Files.writeString(file, Files.readString(file).replace("\"1MB\"", "\"1024GB\""));
      mta.reload();
      assertThat(mta.status().state()).isEqualTo(State.SERVING);
      mta.accept("carol@far.example", "bob@example.org", MAIL);
    }
  }

  /** A daemon that listens nowhere else must not be taken for dead. */
  @Test
  void tellsOfTheUnixSocketsThatItListensOn() throws Exception {
    try (var mta = RunningMta.start(directory, "[[listener]]\nkind = \"lmtp\"\nsocket = \"lmtp.sock\"\n")) {
      assertThat(mta.status().listeners()).hasSize(2)
          .last()
          .isEqualTo(directory.resolve("lmtp.sock").toString());
    }
  }

  @Test
  void keepsTheOldSettingsWhenTheNewOnesAreWrong() throws Exception {
    try (var server = AcceptingServer.start("PIPELINING");
        var mta = RunningMta.start(directory, RunningMta.relay(server))) {
      mta.reload(RunningMta.relay(server), "info: bob\n");

      assertThatExceptionOfType(ConfigException.class)
          .isThrownBy(() -> mta.reload("[retry]\nlifetime = \"never\"\n", "other: bob\n"))
          .withMessageContaining("retry.lifetime");

      try (var client = mta.greet()) {
        client.say("MAIL FROM:<carol@far.example>", "250");
        client.say("RCPT TO:<other@example.org>", "550 5.1.1");
        client.say("RSET", "250");
        client.mail("carol@far.example", "info@example.org", MAIL);
        mta.awaitMailbox("bob", 1);
        client.mail("alice@example.org", "carol@far.example", MAIL);
        server.awaitMails(1);
      }
    }
  }

  /** Certificates and the way out are made before anything is changed, the door for tracking included. */
  @Test
  void changesNothingWhenTheCertificatesAreWrong() throws Exception {
    Files.writeString(directory.resolve("noise.pem"), "noise");
    try (var mta = RunningMta.start(directory, "")) {
      assertThatExceptionOfType(ConfigException.class)
          .isThrownBy(() -> mta.reload(TRACKING + "[[tls.certificate]]\nchain-file = \"noise.pem\"\n", "other: bob\n"))
          .withMessageContaining("noise.pem");
      assertUnchanged(mta);
    }
  }

  @Test
  void changesNothingWhenThereIsNoNewWayOut() throws Exception {
    var isBroken = new AtomicBoolean();
    var random = new Random(1);
    try (var mta = RunningMta.start(directory, "", () -> {
      if (isBroken.get()) {
        throw new IllegalStateException("a bug");
      }
      return random.nextLong();
    })) {
      isBroken.set(true);
      assertThatIllegalStateException().isThrownBy(() -> mta.reload(TRACKING, "other: bob\n")).withMessage("a bug");
      isBroken.set(false);
      assertUnchanged(mta);
    }
  }

  private static void assertUnchanged(RunningMta mta) throws Exception {
    assertThat(mta.status().tracking().addresses()).isEmpty();
    try (var client = mta.greet()) {
      client.say("MAIL FROM:<carol@far.example>", "250");
      client.say("RCPT TO:<other@example.org>", "550 5.1.1");
      client.say("RSET", "250");
      client.mail("carol@far.example", "bob@example.org", MAIL);
      mta.awaitMailbox("bob", 1);
    }
  }
}
