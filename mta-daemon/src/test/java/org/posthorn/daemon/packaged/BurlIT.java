package org.posthorn.daemon.packaged;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthorn.testkit.DovecotPeer;
import org.posthorn.testkit.FreePort;
import org.posthorn.testkit.SmtpTalk;
import org.posthorn.testkit.TestTls;

/** A message that lies in a mailbox of Dovecot is submitted by its URL (RFC 4467, RFC 4468). */
class BurlIT {
  private static final String DRAFT = "From: alice@here.example\r\nSubject: draft\r\n\r\nfrom the mailbox\r\n.\r\nend\r\n";

  @TempDir
  private Path folder;

  @ParameterizedTest(name = "encrypted: {0}")
  @ValueSource(booleans = {false, true})
  void submitsAMessageFromAMailboxOfDovecot(boolean isEncrypted) throws Exception {
    int submission = FreePort.find();
    try (var dovecot = DovecotPeer.start();
        var daemon = PackagedDaemon.start(folder, settings(submission, dovecot, isEncrypted))) {
      var url = dovecot.authorized(DRAFT);
      assertThat(daemon.command("check")).endsWith(": ok\n");
      try (var talk = SmtpTalk.greet(submission)) {
        talk.say("XCLIENT LOGIN=alice", "220");
        assertThat(talk.say("EHLO client.example", "250")).contains("250-BURL imap\n");
        begin(talk);
        talk.say("BURL " + url + " LAST", "250 2.0.0 Queued");
        begin(talk);
        talk.send("BDAT 55\r\nFrom: alice@here.example\r\nSubject: with a draft\r\n\r\n>>\r\nBURL " + url
            + "\r\nBDAT 4 LAST\r\n<<\r\n");
        talk.expect("250 2.0.0 55 ");
        talk.expect("250 2.5.0");
        talk.expect("250 2.0.0 Queued");
        begin(talk);
        talk.say("BURL " + url.replace("submit+alice", "submit+bob") + " LAST", "554 5.7.0");
        begin(talk);
        talk.send("BDAT 26\r\nFrom: alice@here.example\r\nBURL " + url.substring(0, url.length() - 8)
            + "00000000\r\nBDAT 0 LAST\r\n");
        talk.expect("250 2.0.0 26 ");
        talk.expect("554 5.6.6");
        talk.expect("554 5.6.6");
      }
      daemon.awaitLog(2, "to=bob@here.example", "status=sent");
      assertThat(daemon.mailbox("bob")).hasSize(2)
          .anySatisfy(mail -> assertThat(mail).endsWith(DRAFT.replace("\r", "")))
          .anySatisfy(mail -> assertThat(mail).contains("\n>>\nFrom: alice").endsWith("\nend\n<<\n"));
      assertThat(daemon.awaitLog(2, " fetch ", "sasl_username=alice", "status=250")).noneMatch(
          line -> line.contains("internal:"));
    }
  }

  private static void begin(SmtpTalk talk) throws IOException {
    talk.say("MAIL FROM:<alice@here.example>", "250");
    talk.say("RCPT TO:<bob@here.example>", "250");
  }

  private String settings(int submission, DovecotPeer dovecot, boolean isEncrypted) throws IOException {
    var home = Files.createDirectories(folder.resolve("home"));
    Files.writeString(home.resolve("imap-password"), "secret\n");
    Files.writeString(home.resolve("users.toml"), """
                                                  [[user]]
                                                  login = "alice"
                                                  secrets = ["{PLAIN}x"]
                                                  addresses = ["alice@here.example"]
                                                  """);
    var server = isEncrypted
        ? "server = \"imaps://localhost:%d\"\nca-file = \"%s\"".formatted(dovecot.tlsPort(), TestTls.authority(home))
        : "server = \"imap://localhost:%d\"".formatted(dovecot.port());
    return """
           [[listener]]
           address = "127.0.0.1:%d"
           kind = "submission"
           tls = "offered"
           [relay]
           xclient-networks = ["127.0.0.1"]
           [auth]
           users-file = "users.toml"
           [[imap]]
           authority = "localhost:%d"
           password-file = "imap-password"
           %s
           """.formatted(submission, dovecot.port(), server);
  }
}
