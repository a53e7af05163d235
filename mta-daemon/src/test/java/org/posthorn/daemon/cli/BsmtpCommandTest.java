package org.posthorn.daemon.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
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

  @TempDir
  private Path folder;

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

  private static final String THREE = """
                                      MAIL FROM:<a@example.org> ENVID=Q1 RET=HDRS
                                      RCPT TO:<b@example.net>
                                      RCPT TO:<later@example.net>
                                      RCPT TO:<gone@example.net> ORCPT=rfc822;old@example.net
                                      DATA
                                      Subject: three

                                      body
                                      .
                                      """;
  private static final String REPORT_SENT = """
                                            C*: MAIL FROM:<> SIZE=[0-9]+
                                            S: 250 2.1.0 ok
                                            C: RCPT TO:<a@example.org>
                                            S: 250 2.1.5 ok
                                            C: DATA
                                            S: 354 go on
                                            C: <message>
                                            S: 250 2.0.0 report taken
                                            """;

  private static String three(String toB, String toGone) {
    return """
           C: MAIL FROM:<a@example.org> ENVID=Q1 RET=HDRS
           S: 250 2.1.0 ok
           C: RCPT TO:<b@example.net>
           S: %s
           C: RCPT TO:<later@example.net>
           S: 451 4.2.0 not now
           C: RCPT TO:<gone@example.net> ORCPT=rfc822;old@example.net
           S: %s
           """.formatted(toB, toGone);
  }

  @Test
  void tellsTheSenderWhoWillNeverGetTheMessage() throws Exception {
    String script = three("250 2.1.5 ok", "550 5.1.1 nobody")
        + "C: DATA\nS: 354 go on\nC: <message>\nS: 250 2.0.0 taken\n";
    try (var server = ScriptedServer.start(HELLO + script + REPORT_SENT + BYE)) {
      var run = run(server, THREE);
      assertThat(run.exitCode()).isEqualTo(1);
      assertThat(run.out()).isEqualTo("""
                                      message 1: 250 2.0.0 taken
                                      message 1: report to a@example.org: 250 2.0.0 report taken
                                      1 message
                                      """);
      server.assertFinished();
      assertThat(server.messages().get(1)).contains("To: a@example.org\r\n", "Original-Envelope-Id: Q1\r\n",
          "Original-Recipient: rfc822; old@example.net\r\n", "Final-Recipient: rfc822; gone@example.net\r\n",
          "Action: failed\r\n", "Status: 5.1.1\r\n", "Diagnostic-Code: smtp; 550 5.1.1 nobody\r\n",
          "text/rfc822-headers", "Subject: three\r\n").doesNotContain("later@example.net", "b@example.net");
    }
  }

  @Test
  void tellsTheSenderOfAMessageThatNobodyGets() throws Exception {
    String script = three("550 5.7.1 no", "550 5.1.1 nobody") + "C: RSET\nS: 250 2.0.0 ok\n";
    try (var server = ScriptedServer.start(HELLO + script + REPORT_SENT + BYE)) {
      assertThat(run(server, THREE).out())
          .isEqualTo("message 1: report to a@example.org: 250 2.0.0 report taken\n1 message\n");
      server.assertFinished();
      assertThat(server.messages()).singleElement()
          .asString()
          .contains("Final-Recipient: rfc822; b@example.net", "Final-Recipient: rfc822; gone@example.net",
              "Subject: three\r\n");
    }
  }

  @Test
  void tellsTheSenderOfAMessageThatIsRefusedAsAWhole() throws Exception {
    String script = three("250 2.1.5 ok", "250 2.1.5 ok")
        + "C: DATA\nS: 354 go on\nC: <message>\nS: 554 5.6.0 not this\n";
    try (var server = ScriptedServer.start(HELLO + script + REPORT_SENT + BYE)) {
      assertThat(run(server, THREE).exitCode()).isEqualTo(1);
      assertThat(server.messages().get(1)).contains("b@example.net", "gone@example.net", "Status: 5.6.0");
    }
  }

  @Test
  void saysWhenTheSenderCannotBeTold() throws Exception {
    String script = three("550 5.7.1 no", "550 5.1.1 nobody") + "C: RSET\nS: 250 2.0.0 ok\n"
        + "C*: MAIL FROM:<>.*\nS: 250 ok\nC*: RCPT .*\nS: 550 5.1.1 who?\nC: RSET\nS: 250 ok\n";
    try (var server = ScriptedServer.start(HELLO + script + BYE)) {
      assertThat(run(server, THREE).err())
          .endsWith("posthorn: message 1: no report to a@example.org: 550 5.1.1 who?\n");
    }
  }

  @ParameterizedTest
  @CsvSource({"'', --no-reports", "<>, --skip=0"})
  void tellsNobodyElse(String sender, String option) throws Exception {
    var from = sender.isEmpty() ? "<a@example.org>" : sender;
    String script = three("550 5.7.1 no", "550 5.1.1 nobody").replace("<a@example.org>", from)
        + "C: RSET\nS: 250 2.0.0 ok\n";
    try (var server = ScriptedServer.start(HELLO + script + BYE)) {
      var run = run(server, THREE.replace("<a@example.org>", from), option);
      assertThat(run.out()).isEqualTo("1 message\n");
      assertThat(run.err()).contains("550 5.7.1 no", "550 5.1.1 nobody", "451 4.2.0 not now");
      server.assertFinished();
    }
  }

  @Test
  void keepsWhatIsRefusedForTheTimeBeingAsABatch() throws Exception {
    var rest = Files.writeString(folder.resolve("rest"), "EHLO far.example\r\n");
    String more = ONE.replace("EHLO far.example\n", "")
        .replace("DATA", "RCPT TO:<later@example.net>\nRCPT TO:<gone@example.net>\nDATA");
    try (var server = ScriptedServer.start(HELLO + """
                                                   C: MAIL FROM:<a@example.org> BODY=8BITMIME
                                                   S: 250 2.1.0 ok
                                                   C: RCPT TO:<b@example.net> NOTIFY=NEVER
                                                   S: 250 2.1.5 ok
                                                   C: RCPT TO:<later@example.net>
                                                   S: 451 4.2.0 not now
                                                   C: RCPT TO:<gone@example.net>
                                                   S: 550 5.1.1 nobody
                                                   C: DATA
                                                   S: 354 go on
                                                   C: <message>
                                                   S: 250 2.0.0 taken
                                                   """ + TWO_SENT + BYE)) {
      var run = run(server, more + TWO, "--no-reports", "--later", rest.toString());
      assertThat(run.exitCode()).isEqualTo(1);
      assertThat(run.out()).endsWith("2 messages\n1 message to send another time: posthorn bsmtp " + rest + "\n");
      server.assertFinished();
    }
    assertThat(rest).content()
        .isEqualTo(ONE.replace("b@example.net> NOTIFY=NEVER", "later@example.net>").replace("\n", "\r\n"));
    assertThat(folder).isDirectoryNotContaining("glob:**.new");
    try (var server = ScriptedServer.start(HELLO + ONE_SENT.replace("b@example.net> NOTIFY=NEVER", "later@example.net>")
        + BYE)) {
      assertThat(run(server, Files.readString(rest)).exitCode()).isZero();
      assertThat(server.messages()).containsExactly("Subject: one\r\n\r\n.dots\r\n");
    }
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', value = {"MAIL | C: MAIL FROM:<a@example.org> BODY=8BITMIME;S: 451 4.3.0 no; | true",
      "MAIL for good | C: MAIL FROM:<a@example.org> BODY=8BITMIME;S: 550 5.7.1 no; | false",
      "DATA | C: MAIL FROM:<a@example.org> BODY=8BITMIME;S: 250 ok;C: RCPT TO:<b@example.net> NOTIFY=NEVER;S: 250 ok;"
          + "C: DATA;S: 452 4.3.1 no;C: RSET;S: 250 ok; | true",
      "the dot | C: MAIL FROM:<a@example.org> BODY=8BITMIME;S: 250 ok;C: RCPT TO:<b@example.net> NOTIFY=NEVER;S: 250 ok;"
          + "C: DATA;S: 354 go on;C: <message>;S: 452 4.3.1 no; | true"})
  void keepsAWholeMessageThatIsRefusedForTheTimeBeing(String what, String script, boolean isKept) throws Exception {
    var rest = folder.resolve("rest");
    try (var server = ScriptedServer.start(HELLO + script.replace(";", "\n") + TWO_SENT + BYE)) {
      assertThat(run(server, ONE + TWO, "--no-reports", "--later", rest.toString()).exitCode()).as(what).isEqualTo(1);
      server.assertFinished();
    }
    assertThat(Files.exists(rest)).isEqualTo(isKept);
    if (isKept) {
      assertThat(Files.getPosixFilePermissions(rest)).as("who may read the mail of others")
          .isEqualTo(PosixFilePermissions.fromString("rw-------"));
      assertThat(rest).content()
          .isEqualTo(ONE.substring(ONE.indexOf("MAIL")).replace("\n", "\r\n"));
    }
  }

  @Test
  void doesNotAppendToWhatItReads() throws Exception {
    var batch = Files.writeString(folder.resolve("batch"), ONE);
    var link = Files.createSymbolicLink(folder.resolve("link"), batch);
    var run = CommandRun.of("", Map.of(), "bsmtp", "--later", link.toString(), batch.toString());
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("--later must be another file than the batch");
    assertThat(batch).content().isEqualTo(ONE);
  }

  @Test
  void keepsAllRecipientsBehindA421() throws Exception {
    var rest = folder.resolve("rest");
    String batch = ONE.replace("DATA", "RCPT TO:<c@example.net>\nRCPT TO:<d@example.net>\nDATA");
    try (var server = ScriptedServer.start(HELLO + """
                                                   C: MAIL FROM:<a@example.org> BODY=8BITMIME
                                                   S: 250 2.1.0 ok
                                                   C: RCPT TO:<b@example.net> NOTIFY=NEVER
                                                   S: 250 2.1.5 ok
                                                   C: RCPT TO:<c@example.net>
                                                   S: 421 4.7.0 enough
                                                   """, HELLO + TWO_SENT + BYE)) {
      run(server, batch + TWO, "--later", rest.toString());
    }
    assertThat(rest).content().contains("RCPT TO:<b@", "RCPT TO:<c@", "RCPT TO:<d@").doesNotContain("two");
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
