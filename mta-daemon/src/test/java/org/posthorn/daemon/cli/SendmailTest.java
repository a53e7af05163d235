package org.posthorn.daemon.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.posthorn.smtp.AddressList;
import org.posthorn.testkit.FreePort;
import org.posthorn.testkit.ScriptedServer;

class SendmailTest {
  private static final String DIALOGUE = """
                                         S: 220 mail.example.org ESMTP
                                         C: EHLO mail.example.org
                                         S: 250-mail.example.org\\n250-8BITMIME\\n250-SIZE\\n250-DSN\\n250 SMTPUTF8
                                         C*: MAIL FROM:<%s> SIZE=[0-9]+ BODY=8BITMIME.*
                                         S: 250 2.1.0 ok
                                         %s
                                         C: DATA
                                         S: 354 go on
                                         C: <message>
                                         S: 250 2.0.0 queued
                                         C: QUIT
                                         S: 221 bye
                                         """;

  @TempDir
  private Path directory;

  @Test
  void submitsToTheRecipientsOfTheHeaderAndLeavesBccOut() throws Exception {
    try (var server = ScriptedServer.start(DIALOGUE.formatted("alice@example.org", rcpt("bob@example.net",
        "carol@example.org", "dave@example.com")))) {
      var run = sendmail(server, """
                                 To: Bob <bob@example.net>, (a comment) carol
                                 Subject: hello
                                 Bcc: dave@example.com

                                 .first
                                 .
                                 last
                                 """, "-ti", "-f", "alice@example.org", "-FAlice \"A\" Smith");
      assertThat(run).isEqualTo(new CommandRun(0, "", ""));
      server.assertFinished();
      assertThat(server.messages()).containsExactly("""
                                                    From: "Alice A Smith" <alice@example.org>
                                                    To: Bob <bob@example.net>, (a comment) carol
                                                    Subject: hello

                                                    .first
                                                    .
                                                    last
                                                    """.replace("\n", "\r\n"));
    }
  }

  @Test
  void endsAtALoneDotAndAddsTheEmptyLineBehindTheHeader() throws Exception {
    try (var server = ScriptedServer.start(DIALOGUE.formatted("", rcpt("bob@example.net")))) {
      var run = sendmail(server, "no header\r\n.\nnot sent\n", "-f", "<>", "-oem", "--", "bob@example.net");
      assertThat(run.exitCode()).isZero();
      server.assertFinished();
      assertThat(server.messages().getFirst()).endsWith("@example.org\r\n\r\nno header\r\n");
    }
  }

  @Test
  void tellsWhatTheServerRefused() throws Exception {
    try (var server = ScriptedServer.start("""
                                           S: 220 mail.example.org ESMTP
                                           C: EHLO mail.example.org
                                           S: 250 mail.example.org
                                           C*: MAIL FROM:.*
                                           S: 250 2.1.0 ok
                                           C: RCPT TO:<nobody@example.org>
                                           S: 550 5.1.1 no such user
                                           C: QUIT
                                           S: 221 bye
                                           """)) {
      var run = sendmail(server, "x\n", "nobody");
      assertThat(run).isEqualTo(new CommandRun(67, "",
          "posthorn: sendmail: not sent: the mail daemon refused: 550 5.1.1 no such user\n"));
      server.assertFinished();
    }
  }

  @Test
  void saysThatTheDaemonIsDownAndCallersTryAgain() throws Exception {
    int port = FreePort.find();
    var run = CommandRun.of("x\n", settings(port), "sendmail", "bob@example.net");
    assertThat(run.exitCode()).isEqualTo(75);
    assertThat(run.err()).isEqualTo("posthorn: sendmail: not sent: no mail daemon listens on 127.0.0.1:" + port
        + "; start it with \"posthorn run\", or try again later\n");
  }

  /** A folder is no file even for root, whom no permission keeps from reading. */
  @Test
  void needsNoneOfTheFilesThatOnlyTheDaemonMayRead() throws Exception {
    var settings = settings(FreePort.find());
    var file = settings.values().iterator().next();
    Files.writeString(Path.of(file), """
                                     [auth]
                                     users-file = "."
                                     [[imap]]
                                     authority = "imap.example.org"
                                     server = "imap://127.0.0.1"
                                     password-file = "."
                                     """, StandardOpenOption.APPEND);
    assertThat(CommandRun.of("x\n", settings, "sendmail", "bob@example.net").err()).contains("no mail daemon listens");
    assertThat(CommandRun.of("x\n", settings, "send", "--to", "bob@example.net").err()).contains("cannot send through");
    assertThat(CommandRun.of("check", "--config", file).err()).contains("auth.users-file", "imap.password-file");
  }

  @Test
  void speaksSmtpOnStandardInputAndOutput() throws Exception {
    try (var server = ScriptedServer.start("S: 220 hello\nC: QUIT\nS: 221 bye\nCLOSE:\n")) {
      var run = sendmail(server, "QUIT\r\n", "-bs");
      assertThat(run).isEqualTo(new CommandRun(0, "220 hello\r\n221 bye\r\n", ""));
    }
  }

  @ParameterizedTest(name = "sendmail {0}")
  @CsvSource(delimiter = '|', quoteCharacter = '`', value = {"-bd | the daemon is started by \"posthorn run\"",
      "-bv | sendmail does not know -bv here", "-q30m | the daemon tries its queue by itself",
      "-x | sendmail does not know -x here", "-f | sendmail -f needs a value", "-i | no recipients: name them",
      "a..b@example.org | not an address: \"a..b@example.org\""})
  void refusesWhatMakesNoSense(String arguments, String message) throws IOException {
    var all = ("sendmail " + arguments).split(" ");
    var run = CommandRun.of("x\n", settings(1), all);
    assertThat(run.exitCode()).isEqualTo(64);
    assertThat(run.err()).startsWith("posthorn: sendmail: " + message).hasLineCount(1);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', quoteCharacter = '`', value = {"a@x, b@y | a@x b@y",
      "\"Smith, A. (x)\" <a@x> , <b@y>; | a@x b@y", "friends: a@x, b@y; , c@z | a@x b@y c@z",
      "\"a, b\"@x | \"a, b\"@x", "(nested (comment) , ) a@x | a@x", "<@relay.example:a@x> | a@x",
      "a@[IPv6:2001:db8::1] | a@[IPv6:2001:db8::1]", "\"un\\\"closed, a@x | \"un\\\"closed, a@x", "<a@x | a@x",
      "A <\"b>c\"@x> | \"b>c\"@x", "undisclosed-recipients:; | ``"})
  void findsTheAddressesInAField(String value, String addresses) {
    assertThat(String.join(" ", AddressList.parse(value))).isEqualTo(addresses);
  }

  private CommandRun sendmail(ScriptedServer server, String input, String... arguments) throws IOException {
    var all = new String[arguments.length + 1];
    all[0] = "sendmail";
    System.arraycopy(arguments, 0, all, 1, arguments.length);
    return CommandRun.of(input, settings(server.address().getPort()), all);
  }

  private Map<String, String> settings(int port) throws IOException {
    var file = Files.writeString(directory.resolve("p.toml"), """
                                                              hostname = "mail.example.org"
                                                              [[listener]]
                                                              address = "0.0.0.0:%d"
                                                              [local]
                                                              domains = ["example.org"]
                                                              users = ["carol"]
                                                              """.formatted(port));
    return Map.of("POSTHORN_CONFIG", file.toString());
  }

  private static String rcpt(String... recipients) {
    return String.join("\n", List.of(recipients)
        .stream()
        .map(recipient -> "C: RCPT TO:<" + recipient + ">\nS: 250 2.1.5 ok")
        .toList());
  }
}
