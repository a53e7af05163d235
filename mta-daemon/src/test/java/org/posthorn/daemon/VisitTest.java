package org.posthorn.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthorn.daemon.tls.Fingerprint;
import org.posthorn.daemon.tls.TestCertificates;
import org.posthorn.testkit.SmtpTalk;

/** A server comes for its mail by ATRN (RFC 2645). A front end on this machine vouches for its login. */
final class VisitTest {
  private static final String MAIL = "Subject: hello\r\n\r\nThe text.\r\n";
  private static final String SETTINGS = """
                                         [relay]
                                         xclient-networks = ["127.0.0.1"]
                                         [[odmr]]
                                         user = "branch"
                                         domains = ["branch.example"]
                                         [[listener]]
                                         kind = "odmr"
                                         address = "127.0.0.1:0"
                                         """;

  @TempDir
  private Path directory;

  @Test
  void anOperatorSeesWhoIsThereAndWhatTheyTook() throws Exception {
    try (var mta = RunningMta.start(directory, SETTINGS)) {
      mta.accept("carol@far.example", "anyone@branch.example", MAIL);
      mta.awaitDeferred();
      try (var branch = come(mta)) {
        branch.say("250 branch.example", "MAIL FROM:<carol@far.example>");
        assertThat(mta.status().visits()).singleElement().satisfies(visit -> {
          assertThat(visit.server()).startsWith("[127.0.0.1][127.0.0.1:");
          assertThat(visit.destinations()).containsExactly("odmr:branch.example");
          assertThat(visit.tls()).isEmpty();
        });
        branch.say("250 ok", "RCPT TO:<anyone@branch.example>");
        branch.say("250 ok", "DATA");
        branch.send("354 go\r\n");
        while (!branch.expect("").equals(".")) {
          // the content
        }
        branch.say("250 taken", "QUIT");
        branch.send("221 bye\r\n");
      }
      mta.awaitEmpty();
      assertThat(mta.awaitLog("visit ended", "status=sent"))
          .containsPattern("visit began relay=\\[127.0.0.1\\]\\S+ domains=\\[branch.example\\]\n")
          .containsPattern("visit ended relay=\\S+ domains=\\[branch.example\\] messages=1 seconds=0 reason=done\n")
          .containsPattern("delivery id=\\S+ to=anyone@branch.example relay=\\[127.0.0.1\\]\\S+ .*status=sent");
      assertThat(mta.status().visits()).isEmpty();
      var traffic = mta.status().traffic();
      assertThat(traffic).extracting(kind -> kind.kind() + " " + kind.connections() + " " + kind.messages())
          .containsExactly("mx 1 1", "odmr 1 0");
    }
  }

  @Test
  void aVisitEndsWhenNothingGoesOverItForLong() throws Exception {
    try (var silent = new ServerSocket(0, 10, InetAddress.ofLiteral("127.0.0.1"));
        var mta = RunningMta.start(directory, SETTINGS + """
                                                         [[route]]
                                                         domain = "far.example"
                                                         via = "smtp://127.0.0.1:%d"
                                                         [delivery]
                                                         connections = 1
                                                         command-timeout = "5m"
                                                         """.formatted(silent.getLocalPort()))) {
      mta.accept("alice@example.org", "anyone@branch.example", MAIL);
      mta.awaitDeferred();
      mta.accept("alice@example.org", "carol@far.example", MAIL);
      try (var _ = silent.accept(); var branch = come(mta)) { // the only lane waits for a greeting
        branch.send("250 branch.example\r\n");
        mta.await("the visit", () -> mta.log().contains("visit began"));
        mta.setClock(mta.clock().instant().plus(Duration.ofMinutes(5)).plusSeconds(1));
        branch.expect("QUIT");
        branch.send("221 bye\r\n");
        mta.await("the end of the visit", () -> mta.log().contains("messages=0 seconds=301 reason=idle"));
        assertThat(mta.waiting()).hasSize(2);
      }
    }
  }

  /** What the settings demand of the way of mail they demand of this one too. */
  @Test
  void mailThatNeedsTlsWaitsForAServerThatComesWithTls() throws Exception {
    try (var mta = RunningMta.start(directory, SETTINGS + """
                                                          [delivery]
                                                          tls = "encrypt"
                                                          """)) {
      mta.accept("carol@far.example", "anyone@branch.example", MAIL);
      mta.awaitDeferred();
      try (var branch = come(mta)) {
        branch.say("250 branch.example", "QUIT");
        branch.send("221 bye\r\n");
      }
      mta.await("the reason", () -> mta.log().contains("4.7.4"));
      assertThat(mta.awaitDeferred()).singleElement()
          .satisfies(entry -> assertThat(entry.listing().toString()).contains("came for this mail without TLS"));
    }
  }

  /** A certificate is proved for one connection, so nobody can have passed the login on. */
  @Test
  void aLoginThatIsBoundToTheConnectionIsWorthACertificateOfTheServer() throws Exception {
    var certificate = TestCertificates.chain("client").getFirst();
    Files.writeString(directory.resolve("users.toml"), """
                                                       [[user]]
                                                       login = "branch"
                                                       certificates = ["%s"]
                                                       """.formatted(Fingerprint.of(certificate)));
    var ours = TestCertificates.files("rsa");
    try (var mta = RunningMta.start(directory, SETTINGS + """
                                                          [auth]
                                                          users-file = "users.toml"
                                                          [delivery]
                                                          tls = "verify"
                                                          [[tls.certificate]]
                                                          chain-file = "%s"
                                                          key-file = "%s"
                                                          """.formatted(ours.chain(), ours.key()))) {
      mta.accept("carol@far.example", "anyone@branch.example", MAIL);
      mta.awaitDeferred();
      try (var plain = SmtpTalk.connect(mta.port(1))) {
        plain.expect("220");
        plain.say("EHLO branch.example", "250");
        plain.say("STARTTLS", "220");
        try (var branch = plain.encrypt(TestCertificates.client("client"), "mail.example.org")) {
          branch.say("EHLO branch.example", "250");
          branch.say("AUTH EXTERNAL =", "235");
          branch.say("ATRN", "250 2.0.0");
          branch.say("220 branch.example ESMTP", "EHLO mail.example.org");
          branch.say("250 branch.example", "MAIL FROM:<carol@far.example>");
          assertThat(mta.status().visits()).singleElement()
              .satisfies(visit -> assertThat(visit.tls()).isPresent());
        }
      }
      assertThat(mta.awaitLog("visit began"))
          .containsPattern("visit began .* tls=TLSv1\\.\\d cipher=\\S+ verified=yes\n");
    }
  }

  /** Returns a server that has been let in, has greeted, and has heard EHLO. */
  private static SmtpTalk come(RunningMta mta) throws Exception {
    var talk = SmtpTalk.connect(mta.port(1));
    talk.expect("220 mail.example.org");
    for (var said : List.of("XCLIENT LOGIN=branch HELO=branch.example", "HELP")) {
      talk.say(said, said.startsWith("XCLIENT") ? "220" : "214");
    }
    talk.say("ATRN branch.example", "250 2.0.0");
    talk.say("220 branch.example ESMTP", "EHLO mail.example.org");
    return talk;
  }
}
