package org.posthorn.daemon.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.posthorn.testkit.ScriptedServer;
import org.posthorn.testkit.TestTls;

class SendCommandTest {
  @TempDir
  private Path directory;

  @Test
  void showsTheDialogue() throws Exception {
    try (var server = ScriptedServer.start("""
                                           S: 220 mx.example.net ESMTP
                                           C: EHLO client.example.org
                                           S: 250-mx.example.net\\n250 SIZE
                                           C*: MAIL FROM:<a@example.org> SIZE=[0-9]+
                                           S: 250 2.1.0 ok
                                           C: RCPT TO:<b@example.net>
                                           S: 250 2.1.5 ok
                                           C: DATA
                                           S: 354 go on
                                           C: <message>
                                           S: 250 2.0.0 taken
                                           C: QUIT
                                           S: 221 2.0.0 bye
                                           """)) {
      var run = CommandRun.of("send", "--server", "127.0.0.1:" + server.address().getPort(), "--helo",
          "client.example.org", "--from", "a@example.org", "--to", "b@example.net", "--subject", "two\nlines", "--body",
          "hällo");
      assertThat(run.err()).isEmpty();
      assertThat(run.exitCode()).isZero();
      server.assertFinished();
      assertThat(run.out()).contains("< 220 mx.example.net ESMTP\n", "> EHLO client.example.org\n",
          "< 250-mx.example.net\n< 250 SIZE\n", "> RCPT TO:<b@example.net>\n< 250 2.1.5 ok\n",
          "> .\n< 250 2.0.0 taken\n",
          "> QUIT\n< 221 2.0.0 bye\n");
      assertThat(server.messages().getFirst()).startsWith("From: a@example.org\r\nTo: b@example.net\r\n")
          .contains("\r\nSubject: two lines\r\n", "\r\n\r\nh\u00c3\u00a4llo\r\n");
    }
  }

  private static final String SECURED = """
                                        S: 250-mx.example.net\\n250 AUTH LOGIN PLAIN
                                        C: AUTH PLAIN AGFsaWNlAHNlY3JldCBwaHJhc2U=
                                        S: 235 2.7.0 ok
                                        C: MAIL .*
                                        S: 250 ok
                                        C: RCPT .*
                                        S: 250 ok
                                        C: DATA
                                        S: 354 go on
                                        C: <message>
                                        S: 250 2.0.0 taken
                                        C: QUIT
                                        S: 221 2.0.0 bye
                                        """;

  @ParameterizedTest
  @CsvSource({"starttls", "implicit"})
  void encryptsTheSessionAndLogsInWithoutShowingThePassword(String start) throws Exception {
    var password = Files.writeString(directory.resolve("password"), "secret phrase\nmore\n");
    String script = start.equals("implicit")
        ? "TLS:\nS: 220 x\nC: EHLO .*\n"
        : "S: 220 x\nC: EHLO .*\nS: 250-x\\n250 STARTTLS\nC: STARTTLS\nS: 220 go\nTLS:\nC: EHLO .*\n";
    try (var server = ScriptedServer.start(script + SECURED)) {
      var run = CommandRun.of("send", "--server", "127.0.0.1:" + server.address().getPort(), "--to", "b@example.net",
          "--tls", start, "--ca", TestTls.authority(directory).toString(), "--user", "alice", "--password-file",
          password.toString());
      assertThat(run.err()).isEmpty();
      server.assertFinished();
      assertThat(run.out()).contains("= TLSv1.3 TLS_AES_256_GCM_SHA384, verified\n", "> AUTH PLAIN ***\n")
          .doesNotContain("AGFsaW");
    }
  }

  @Test
  void leavesAServerThatCannotProveWhoItIs() throws Exception {
    try (var server = ScriptedServer.start("TLS: stranger\nLEAVE:")) {
      var run = CommandRun.of("send", "--server", "127.0.0.1:" + server.address().getPort(), "--to", "b@example.net",
          "--tls", "implicit", "--ca", TestTls.authority(directory).toString());
      assertThat(run.exitCode()).isEqualTo(1);
      assertThat(run.err()).contains("the server cannot be trusted: its certificate is not for [127.0.0.1]");
    }
  }

  @Test
  void sendsNoPasswordInClearText() {
    var run = CommandRun.of("send", "--server", "127.0.0.1:25", "--to", "b@example.net", "--user", "alice");
    assertThat(run).isEqualTo(new CommandRun(2, "",
        "posthorn: --user needs --tls: others could read the password on its way\n"));
  }

  @Test
  void failsWhenTheServerRefuses() throws Exception {
    try (var server = ScriptedServer.start("S: 554 5.7.1 go away\nC: QUIT\nS: 221 bye\n")) {
      var run = CommandRun.of("send", "--server", "127.0.0.1:" + server.address().getPort(), "--to", "b@example.net");
      assertThat(run.exitCode()).isEqualTo(1);
      assertThat(run.err()).isEqualTo("posthorn: the server refused: 554 5.7.1 go away\n");
    }
  }

  @Test
  void saysWhichFileItCannotRead() {
    var file = directory.resolve("none.eml");
    var run = CommandRun.of("send", "--to", "b@example.net", "--file", file.toString());
    assertThat(run).isEqualTo(new CommandRun(2, "", "posthorn: cannot read " + file + ": there is no such file\n"));
    assertThat(Files.exists(file)).isFalse();
  }
}
