package org.posthorn.daemon.packaged;

import static org.assertj.core.api.Assertions.assertThat;
import static org.posthorn.daemon.packaged.SubmissionDaemon.ALICE;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthorn.testkit.Needs;
import tools.jackson.databind.json.JsonMapper;

/** People's programs log in and send, by STARTTLS and by TLS at once, to the packaged daemon. */
class SubmissionIT {
  private static final String PASSWORD = "wönder land";

  @TempDir
  private static Path folder;

  private static SubmissionDaemon server;
  private static PackagedDaemon daemon;

  @BeforeAll
  static void start() throws Exception {
    server = SubmissionDaemon.start(folder, PASSWORD, "[submission]\nhide-client = true\n");
    daemon = server.daemon();
  }

  @AfterAll
  static void stop() throws InterruptedException {
    server.stop();
  }

  private static void awaitMessage(String subject) throws Exception {
    daemon.awaitEmptyQueue();
    assertThat(daemon.mailbox("bob")).filteredOn(message -> message.contains("Subject: " + subject + "\n"))
        .singleElement()
        .asString()
        .contains(" with ESMTPSA id ")
        .doesNotContain("127.0.0.1");
  }

  private static ProgramRun swaks(String subject, String... more) throws Exception {
    var line = new ArrayList<Object>(
        List.of(Needs.program("swaks"), "--server", "127.0.0.1", "--to", "bob@here.example",
            "--header", "Subject: " + subject));
    line.addAll(List.of(more));
    return ProgramRun.of("", line.toArray());
  }

  @ParameterizedTest
  @ValueSource(strings = {"PLAIN", "LOGIN"})
  void swaksSendsByStartTlsAndByTlsAtOnce(String mechanism) throws Exception {
    for (var way : List.of("--tls", "--tlsc")) {
      var subject = "swaks " + mechanism + way;
      var run = swaks(subject, way, "--port",
          Integer.toString(way.equals("--tls") ? server.startTls() : server.implicitTls()), "--auth",
          mechanism, "--auth-user", ALICE, "--auth-password", PASSWORD, "--from", ALICE);
      assertThat(run.exit()).as(run.output()).isZero();
      awaitMessage(subject);
    }
    daemon.awaitLog(2, "authenticated", "sasl_method=" + mechanism, "sasl_username=" + ALICE);
  }

  @Test
  void swaksIsToldWhatIsWrong() throws Exception {
    var port = Integer.toString(server.implicitTls());
    assertThat(swaks("x", "--tlsc", "--port", port, "--auth", "PLAIN", "--auth-user", ALICE, "--auth-password", "wrong",
        "--from", ALICE).output()).contains("535 5.7.8 Authentication credentials invalid");
    assertThat(
        swaks("x", "--tlsc", "--port", port, "--auth", "PLAIN", "--auth-user", ALICE, "--auth-password", PASSWORD,
            "--from", "boss@here.example").output())
        .contains("553 5.7.1 This sender address is not yours");
    assertThat(
        swaks("x", "--tlsc", "--port", port, "--auth", "PLAIN", "--auth-user", ALICE, "--auth-password", PASSWORD,
            "--from", ALICE, "--header", "From: boss@here.example").output())
        .contains("553 5.7.1 The address in From");
    assertThat(swaks("x", "--tlsc", "--port", port, "--from", ALICE).output()).contains("530 5.7.0");
    assertThat(swaks("x", "--port", Integer.toString(server.startTls()), "--from", ALICE).output())
        .contains("530 5.7.0 Send STARTTLS first");
  }

  @ParameterizedTest
  @ValueSource(strings = {"plain", "login", "scram-sha-256"})
  void msmtpSends(String mechanism) throws Exception {
    var settings = Files.writeString(folder.resolve("msmtp-" + mechanism),
        """
        account default
        host 127.0.0.1
        port %d
        tls on
        tls_certcheck off
        auth %s
        user %s
        password %s
        from %s
        """.formatted(server.startTls(), mechanism, ALICE,
            PASSWORD, ALICE));
    Files.setPosixFilePermissions(settings, PosixFilePermissions.fromString("rw-------"));
    var run = ProgramRun.of("From: " + ALICE + "\nSubject: msmtp " + mechanism + "\n\nx\n", Needs.program("msmtp"),
        "--debug",
        "--file=" + settings, "bob@here.example");
    assertThat(run.exit()).as(run.output()).isZero();
    awaitMessage("msmtp " + mechanism);
  }

  @ParameterizedTest
  @CsvSource({"smtps, PLAIN", "smtps, LOGIN", "smtp, PLAIN"})
  void curlSends(String scheme, String mechanism) throws Exception {
    var subject = "curl " + scheme + " " + mechanism;
    var mail = Files.writeString(folder.resolve("mail"),
        "From: " + ALICE + "\r\nSubject: " + subject + "\r\n\r\nx\r\n");
    var run = ProgramRun.of("", Needs.program("curl"), "-sSk", "--ssl-reqd", "--url",
        scheme + "://127.0.0.1:" + (scheme.equals("smtp") ? server.startTls() : server.implicitTls()), "--user",
        ALICE + ":" + PASSWORD,
        "--login-options", "AUTH=" + mechanism, "--mail-from", ALICE, "--mail-rcpt", "bob@here.example",
        "--upload-file", mail);
    assertThat(run.exit()).as(run.output()).isZero();
    awaitMessage(subject);
  }

  @ParameterizedTest
  @CsvSource({"smtp, plain", "smtp, login", "smtp, scram-sha-256", "smtps, plain"})
  void muttSends(String scheme, String mechanism) throws Exception {
    var subject = "mutt " + scheme + " " + mechanism;
    var settings = Files.writeString(folder.resolve("muttrc-" + scheme + mechanism),
        """
        set from = "%1$s"
        set envelope_from_address = "%1$s"
        set use_envelope_from = yes
        set copy = no
        set smtp_url = "%2$s://alice%%40here.example@127.0.0.1:%3$d"
        set smtp_authenticators = "%4$s"
        set smtp_pass = "%5$s"
        set ssl_force_tls = yes
        set ssl_verify_host = no
        set certificate_file = "%6$s"
        """.formatted(ALICE, scheme,
            scheme.equals("smtp") ? server.startTls() : server.implicitTls(), mechanism, PASSWORD,
            daemon.home().resolve("data/tls/self-signed.pem")));
    var run = ProgramRun.of("x\n", Needs.program("mutt"), "-n", "-F", settings, "-s", subject, "bob@here.example");
    assertThat(run.exit()).as(run.output()).isZero();
    awaitMessage(subject);
    daemon.awaitLog(1, "authenticated", "sasl_method=" + mechanism.toUpperCase(Locale.ROOT));
  }

  @ParameterizedTest
  @CsvSource({"false, PLAIN", "false, LOGIN", "true, PLAIN", "true, LOGIN"})
  void nodemailerSends(boolean secure, String mechanism) throws Exception {
    var node = Needs.program("node");
    var library = Needs.installed(Path.of("/usr/share/nodejs/nodemailer"), "nodemailer");
    var subject = "nodemailer " + secure + " " + mechanism;
    var script = Files.writeString(folder.resolve("mail.js"),
        """
        const [port, secure, authMethod, user, pass, subject] = process.argv.slice(2);
        require('%s').createTransport({host: '127.0.0.1', port, secure: secure === 'true', requireTLS: secure !== 'true',
            authMethod, auth: {user, pass}, tls: {rejectUnauthorized: false}})
          .sendMail({from: user, to: 'bob@here.example', subject, text: 'x'})
          .catch(e => { console.log(e.message); process.exit(1); });
        """.formatted(
            library));
    var run = ProgramRun.of("", node, script, secure ? server.implicitTls() : server.startTls(), secure, mechanism,
        ALICE, PASSWORD, subject);
    assertThat(run.exit()).as(run.output()).isZero();
    awaitMessage(subject);
  }

  @Test
  void passesTheDialoguesAboutAuthentication() throws Exception {
    var suite = Needs.suite("06-smtp/dialogues");
    var report = folder.resolve("report.json");
    var run = ProgramRun.of("", Needs.program("python3"), suite.resolve("run_dialogues.py"), "--port",
        server.startTls(), "--domain",
        "here.example", "--rcpt", "bob@here.example", "--user", ALICE, "--password", PASSWORD, "--have",
        "port=submission", "--timeout", "60", "--json", report, suite.resolve("src/08-auth.txt"));
    assertThat(run.exit()).as(run.output()).isZero();
    var results = new TreeMap<String, String>();
    for (var result : JsonMapper.shared().readTree(Files.readString(report))) {
      results.put(result.get("id").asString(),
          result.get("status").asString() + " " + result.get("message").asString());
    }
    assertThat(results).hasSizeGreaterThan(10).allSatisfy((_, status) -> assertThat(status).isEqualTo("pass "));
  }

  @Test
  void tellsAnOperatorWhoMaySendAndWhoMayNot() throws Exception {
    assertThat(daemon.command("bans")).startsWith("WHO");
    assertThat(daemon.tryCommand("bans", "--release", "192.0.2.99").exit()).isEqualTo(1);
    assertThat(daemon.command("limits")).startsWith("WHO");
    assertThat(daemon.command("user", "list")).contains(ALICE, "argon2id scram-sha-256");
  }
}
