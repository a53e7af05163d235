package org.posthorn.daemon.packaged;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.posthorn.testkit.FreePort;
import org.posthorn.testkit.Needs;
import org.posthorn.testkit.PostfixPeer;
import org.posthorn.testkit.ScriptedServer;
import org.posthorn.testkit.SmtpTalk;
import org.posthorn.testkit.TestTls;

/** The packaged daemon sends to a Postfix with TLS, and to servers that get it wrong. */
class OutboundTlsIT {
  private static final String MESSAGE = "Subject: secret\r\n\r\nfor your eyes only\r\n";

  @TempDir
  private Path folder;

  private PostfixPeer postfix(String certificate, String more) throws Exception {
    return PostfixPeer.start(FreePort.find(), """
                                              smtpd_tls_security_level = may
                                              smtpd_tls_chain_files = %s
                                              smtpd_tls_received_header = yes
                                              smtpd_tls_loglevel = 1
                                              %s
                                              """.formatted(TestTls.pem(folder, certificate), more));
  }

  private PackagedDaemon daemon(int peer, String level) throws Exception {
    return PackagedDaemon.start(folder, """
                                        [delivery]
                                        tls-authorities-file = "%s"
                                        [[route]]
                                        domain = "peer.example"
                                        via = "smtp://127.0.0.1:%d"
                                        tls = "%s"
                                        """.formatted(TestTls.authority(folder), peer, level));
  }

  private static void submit(PackagedDaemon daemon, String to) throws Exception {
    try (var talk = SmtpTalk.greet(daemon.port())) {
      talk.mail("alice@here.example", to, MESSAGE);
    }
  }

  @ParameterizedTest(name = "{0} to one that has {1} and wants {2}: verified {3}")
  @CsvSource({"opportunistic, peer, may, yes", "opportunistic, stranger, may, no", "encrypt, stranger, encrypt, no",
      "verify, peer, encrypt, yes"})
  void postfixGetsMailEncrypted(String level, String certificate, String wanted, String verified) throws Exception {
    try (var postfix = postfix(certificate, "smtpd_tls_security_level = " + wanted);
        var daemon = daemon(postfix.port(), level)) {
      submit(daemon, "inbox@peer.example");
      daemon.awaitLog(1, "delivery", "to=inbox@peer.example", "tls=TLSv1.3", "cipher=TLS_", "verified=" + verified,
          "status=sent");
      assertThat(postfix.awaitInbox(1)).singleElement()
          .asString()
          .containsPattern("using TLSv1\\.3 with cipher TLS_")
          .contains("for your eyes only");
      assertThat(daemon.command("status")).isNotBlank();
    }
  }

  @Test
  void aWrongCertificateHoldsMailBackUntilTheOperatorWantsLess() throws Exception {
    try (var postfix = postfix("stranger", ""); var daemon = daemon(postfix.port(), "verify")) {
      submit(daemon, "inbox@peer.example");
      daemon.awaitLog(1, "to=inbox@peer.example", "dsn=4.7.5", "status=deferred");
      assertThat(daemon.command("queue", "list")).contains("its certificate is not for [127.0.0.1]");
      var settings = daemon.home().resolve("posthorn.toml");
      Files.writeString(settings, Files.readString(settings).replace("\"verify\"", "\"encrypt\""));
      daemon.command("reload");
      daemon.command("queue", "retry", "--all");
      daemon.awaitLog(1, "to=inbox@peer.example", "verified=no", "status=sent");
      assertThat(postfix.awaitInbox(1)).hasSize(1);
    }
  }

  @Test
  void mailGoesInClearWherePostfixHasOnlyTlsThatIsTooOld() throws Exception {
    try (var postfix = postfix("peer", "smtpd_tls_protocols = <=TLSv1.1\nsmtpd_tls_ciphers = low\n"
        + "tls_medium_cipherlist = ALL:@SECLEVEL=0\ntls_low_cipherlist = ALL:@SECLEVEL=0");
        var daemon = daemon(postfix.port(), "opportunistic")) {
      submit(daemon, "inbox@peer.example");
      daemon.awaitLog(1, "no TLS with a server that offers it; mail goes in clear text");
      assertThat(daemon.awaitLog(1, "to=inbox@peer.example", "status=sent")).noneMatch(line -> line.contains("tls="));
      assertThat(postfix.awaitInbox(1)).singleElement().asString().doesNotContain("using TLS");
    }
  }

  @Test
  void aServerWhoseStartTlsIsBrokenGetsMailInClearAndIsNotAskedAgain() throws Exception {
    String offer = "S: 220 x\nC*: EHLO .*\nS: 250-x\\n250 STARTTLS\n";
    String message = "C*: MAIL .*\nS: 250 ok\nC*: RCPT .*\nS: 250 ok\nC: DATA\nS: 354 go\nDATA:\nS: 250 taken\n";
    try (var peer = ScriptedServer.start(offer + "C: STARTTLS\nS: 220 go\nRAW: that is no TLS\\r\\n\nCLOSE:\n",
        offer + message + "LEAVE:\n", offer + message + "LEAVE:\n");
        var daemon = daemon(peer.address().getPort(), "opportunistic")) {
      submit(daemon, "one@peer.example");
      daemon.awaitLog(1, "to=one@peer.example", "status=sent");
      submit(daemon, "two@peer.example");
      daemon.awaitLog(1, "to=two@peer.example", "status=sent");
      assertThat(daemon.awaitLog(1, "no TLS with a server that offers it")).hasSize(1);
      assertThat(peer.messages()).hasSize(2);
    }
  }

  /** RFC 8689 §2: by a client of others, from STARTTLS to the DSN. */
  private void submitWithRequireTls(PackagedDaemon daemon) throws Exception {
    var script = Files.writeString(folder.resolve("requiretls.py"),
        """
        import smtplib, sys
        s = smtplib.SMTP("127.0.0.1", int(sys.argv[1]))
        s.starttls()
        s.ehlo("client.example")
        assert s.has_extn("requiretls")
        s.sendmail("alice@here.example", ["inbox@peer.example"],
            "Subject: secret\\r\\n\\r\\nfor your eyes only\\r\\n",
            mail_options=["REQUIRETLS"])
        s.quit()
        """);
    var process = new ProcessBuilder(Needs.program("python3").toString(), script.toString(),
        Integer.toString(daemon.port())).redirectErrorStream(true).start();
    var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
  }

  @Test
  void requireTlsGoesWhereItIsPromised() throws Exception {
    try (var peer = ScriptedServer.start("""
                                         S: 220 x
                                         C*: EHLO .*
                                         S: 250-x\\n250 STARTTLS
                                         C: STARTTLS
                                         S: 220 go
                                         TLS: peer
                                         C*: EHLO .*
                                         S: 250-x\\n250 REQUIRETLS
                                         C: MAIL FROM:<alice@here.example> REQUIRETLS
                                         S: 250 ok
                                         C: RCPT TO:<inbox@peer.example>
                                         S: 250 ok
                                         C: DATA
                                         S: 354 go
                                         DATA:
                                         S: 250 taken
                                         LEAVE:
                                         """); var daemon = daemon(peer.address().getPort(), "opportunistic")) {
      submitWithRequireTls(daemon);
      daemon.awaitLog(1, "to=inbox@peer.example", "verified=yes", "status=sent");
      assertThat(peer.messages()).singleElement().asString().contains("for your eyes only");
    }
  }

  @Test
  void requireTlsComesBackWithoutItsTextFromWhereItIsNotPromised() throws Exception {
    try (var postfix = postfix("peer", ""); var daemon = daemon(postfix.port(), "opportunistic")) {
      submitWithRequireTls(daemon);
      daemon.awaitLog(1, "to=inbox@peer.example", "dsn=5.7.30", "verified=yes", "status=bounced");
      daemon.awaitLog(1, "to=alice@here.example", "status=sent");
      assertThat(daemon.mailbox("alice")).singleElement()
          .asString()
          .contains("Status: 5.7.30", "Subject: secret", "text/rfc822-headers")
          .doesNotContain("for your eyes only");
      assertThat(postfix.inbox()).isEmpty();
    }
  }
}
