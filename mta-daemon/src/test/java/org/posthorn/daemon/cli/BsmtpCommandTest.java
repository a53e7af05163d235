package org.posthorn.daemon.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.posthorn.testkit.ScriptedServer;

class BsmtpCommandTest {
  private static final String HELLO = """
                                      S: 220 mx.example.net ESMTP
                                      C*: EHLO .*
                                      S: 250-mx.example.net\\n250-8BITMIME\\n250-DSN\\n250 SIZE
                                      """;
  private static final String ONE = """
                                    EHLO far.example
                                    MAIL FROM:<a@example.org> BODY=8BITMIME
                                    RCPT TO:<b@example.net> NOTIFY=NEVER
                                    DATA
                                    Subject: one

                                    ..dots
                                    .
                                    """;
  private static final String ONE_SENT = """
                                         C: MAIL FROM:<a@example.org> BODY=8BITMIME
                                         S: 250 2.1.0 ok
                                         C: RCPT TO:<b@example.net> NOTIFY=NEVER
                                         S: 250 2.1.5 ok
                                         C: DATA
                                         S: 354 go on
                                         C: <message>
                                         S: 250 2.0.0 taken
                                         """;
  private static final String TWO = """
                                    MAIL FROM:<a@example.org>
                                    RCPT TO:<c@example.net>
                                    DATA
                                    Subject: two

                                    .
                                    QUIT
                                    """;
  private static final String TWO_SENT = ONE_SENT.replace(" BODY=8BITMIME", "")
      .replace("b@example.net> NOTIFY=NEVER", "c@example.net>");
  private static final String BYE = "C: QUIT\nS: 221 2.0.0 bye\n";

  private static CommandRun run(ScriptedServer server, String batch, String... more) {
    var arguments = new java.util.ArrayList<>(
        java.util.List.of("bsmtp", "--server", "127.0.0.1:" + server.address().getPort()));
    arguments.addAll(java.util.List.of(more));
    arguments.add("-");
    return CommandRun.of(batch, Map.of(), arguments.toArray(String[]::new));
  }

  @Test
  void sendsEachMessageOfABatch() throws Exception {
    try (var server = ScriptedServer.start(HELLO + ONE_SENT + TWO_SENT + BYE)) {
      var run = run(server, ONE + TWO);
      assertThat(run)
          .isEqualTo(new CommandRun(0, "message 1: 250 2.0.0 taken\nmessage 2: 250 2.0.0 taken\n2 messages\n", ""));
      server.assertFinished();
      assertThat(server.messages()).containsExactly("Subject: one\r\n\r\n.dots\r\n", "Subject: two\r\n\r\n");
    }
  }

  @Test
  void tellsWhoWasRefusedAndSendsTheRest() throws Exception {
    try (var server = ScriptedServer.start(HELLO + """
                                                   C: MAIL FROM:<a@example.org> BODY=8BITMIME
                                                   S: 250 2.1.0 ok
                                                   C: RCPT TO:<b@example.net> NOTIFY=NEVER
                                                   S: 550 5.1.1 nobody
                                                   C: RSET
                                                   S: 250 2.0.0 ok
                                                   """ + TWO_SENT + BYE)) {
      var run = run(server, ONE + TWO);
      assertThat(run).isEqualTo(new CommandRun(1, "message 2: 250 2.0.0 taken\n2 messages\n",
          "posthorn: message 1 refused at line 3, RCPT TO:<b@example.net> NOTIFY=NEVER: 550 5.1.1 nobody\n"));
      server.assertFinished();
    }
  }

  @Test
  void beginsAnewBehindWhatWasSent() throws Exception {
    try (var server = ScriptedServer.start(HELLO + TWO_SENT + BYE)) {
      assertThat(run(server, ONE + TWO, "--skip", "1").out()).isEqualTo("message 2: 250 2.0.0 taken\n1 message\n");
      server.assertFinished();
    }
  }

  @Test
  void takesASessionOfItsOwnForWhatFollowsA421() throws Exception {
    try (var server = ScriptedServer.start(HELLO + """
                                                   C: MAIL FROM:<a@example.org> BODY=8BITMIME
                                                   S: 421 4.7.0 enough
                                                   """, HELLO + TWO_SENT + BYE)) {
      var run = run(server, ONE + TWO);
      assertThat(run.exitCode()).isEqualTo(1);
      assertThat(run.out()).isEqualTo("message 2: 250 2.0.0 taken\n2 messages\n");
    }
  }

  @Test
  void takesASessionOfItsOwnForWhatFollowsA421ToData() throws Exception {
    try (var server = ScriptedServer.start(
        HELLO + ONE_SENT.substring(0, ONE_SENT.indexOf("S: 354")) + "S: 421 4.7.0 enough\n", HELLO + TWO_SENT + BYE)) {
      var run = run(server, ONE + TWO);
      assertThat(run).isEqualTo(new CommandRun(1, "message 2: 250 2.0.0 taken\n2 messages\n",
          "posthorn: message 1 refused at line 8, DATA: 421 4.7.0 enough\n"));
    }
  }

  @Test
  void givesNoEndToAMessageThatHasNone() throws Exception {
    try (var server = ScriptedServer
        .start(HELLO + ONE_SENT.substring(0, ONE_SENT.indexOf("C: <message>")) + "LEAVE:\n")) {
      var run = run(server, ONE.substring(0, ONE.length() - 3));
      assertThat(run.exitCode()).isEqualTo(1);
      assertThat(run.err()).contains("the batch ends in the middle of message 1, which was not sent");
    }
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({"7bit", "base64", "quoted-printable"})
  void readsABatchThatIsAMessage(String encoding) throws Exception {
    var lines = (ONE + TWO).replace("\n", "\r\n");
    var body = switch (encoding) {
      case "base64" -> Base64.getMimeEncoder().encodeToString(lines.getBytes(StandardCharsets.UTF_8));
      case "quoted-printable" -> lines.replace("=", "=3D").replace("one\r\n", "o=\r\nne\r\n");
      default -> lines;
    };
    var message = "From: x@example.org\r\nContent-Type: Application/Batch-SMTP;\r\n required-extensions=\"8bitMIME,NOTARY\"\r\n"
        + "Content-Transfer-Encoding: " + encoding + "\r\n\r\n" + body;
    try (var server = ScriptedServer.start(HELLO + ONE_SENT + TWO_SENT + BYE)) {
      assertThat(run(server, message).out()).endsWith("2 messages\n");
      server.assertFinished();
      assertThat(server.messages().getFirst()).isEqualTo("Subject: one\r\n\r\n.dots\r\n");
    }
  }

  @Test
  void refusesWhatNeedsAnExtensionThatIsNotThere() throws Exception {
    try (var server = ScriptedServer.start(HELLO)) {
      var run = run(server, "Content-Type: application/batch-SMTP; required-extensions=NOTARY,CHUNKING\n\n" + ONE);
      assertThat(run).isEqualTo(new CommandRun(1, "",
          "posthorn: the batch needs extensions that the server does not have: CHUNKING\n"));
    }
  }

  @Test
  void refusesAMessageOfAnotherType() {
    var run = CommandRun.of("Subject: hello\nContent-Type: text/plain\n\nMAIL FROM:<a@example.org>\n", Map.of(),
        "bsmtp", "--server", "127.0.0.1:9", "-");
    assertThat(run).isEqualTo(
        new CommandRun(2, "", "posthorn: the message is of type \"text/plain\", not application/batch-SMTP\n"));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({"RCPT TO:<b@example.net>, RCPT before MAIL", "DATA, DATA before MAIL", "FROB, Unknown command",
      "BDAT 3 LAST, this command has no place in a batch", "MAIL FROM:<nobody, Bad sender address syntax"})
  void stopsAtWhatIsNoBatch(String line, String complaint) {
    var run = CommandRun.of("EHLO x\n" + line + "\n", Map.of(), "bsmtp", "--server", "127.0.0.1:9", "-");
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).startsWith("posthorn: line 2 of the batch: ").contains(complaint);
  }
}
