package org.posthorn.daemon.packaged;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.posthorn.testkit.Needs;
import org.posthorn.testkit.SmtpTalk;

/** What a new user does in the first ten minutes, with swaks and with the command line. */
@TestInstance(Lifecycle.PER_CLASS)
class FirstMailIT {
  private PackagedDaemon daemon;

  @BeforeAll
  void start(@TempDir Path folder) throws Exception {
    daemon = PackagedDaemon.start(folder, "");
  }

  @AfterAll
  void stop() throws Exception {
    assertThat(daemon.stop()).isZero();
    daemon.close();
  }

  @Test
  void mailFromSwaksLandsInTheMaildir() throws Exception {
    var swaks = Needs.program("swaks");
    var process = new ProcessBuilder(swaks.toString(), "--server", "127.0.0.1:" + daemon.port(), "--from",
        "sender@there.example", "--to", "alice@here.example", "--header", "Subject: from swaks", "--body",
        ".leading dot")
        .redirectErrorStream(true)
        .start();
    var dialogue = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(dialogue).isZero();
    daemon.awaitLog(1, "to=alice@here.example", "status=sent");
    assertThat(daemon.mailbox("alice")).anySatisfy(mail -> assertThat(mail)
        .startsWith("Return-Path: <sender@there.example>\nDelivered-To: alice@here.example\nReceived: from ")
        .contains("\nSubject: from swaks\n", "\n\n.leading dot\n"));
  }

  @Test
  void unknownUserIsRefusedInTheDialogue() throws Exception {
    try (var talk = SmtpTalk.greet(daemon.port())) {
      talk.say("MAIL FROM:<sender@there.example>", "250");
      talk.say("RCPT TO:<nobody@here.example>", "550 5.1.1");
    }
  }

  @Test
  void theCommandLineKnowsTheDaemonAndTheRoutes() throws Exception {
    assertThat(daemon.command("status")).contains("takes mail");
    assertThat(daemon.command("queue", "list", "--json", "--sender", "nobody@nowhere.example")).isEmpty();
    assertThat(daemon.command("route", "bob@here.example")).contains("local");
    assertThat(daemon.command("check")).contains("posthorn.toml");
    assertThat(daemon.command("version")).contains("0.1.0");
  }

  @Test
  void aMistypedCommandIsOneSentenceAndANonZeroExit() throws Exception {
    var result = daemon.tryCommand("queue", "show", "not-an-id");
    assertThat(result.exit()).isNotZero();
    assertThat(result.output()).contains("not-an-id").doesNotContain("Exception", "\tat ");
  }

  @Test
  void sendDeliversAndShowsTheDialogue() throws Exception {
    var output = daemon.command("send", "--server", "127.0.0.1:" + daemon.port(), "--from", "me@here.example", "--to",
        "bob@here.example", "--subject", "by send", "--body", "text");
    assertThat(output).contains("RCPT TO:<bob@here.example>", "250 2.0.0");
    daemon.awaitLog(1, "to=bob@here.example", "status=sent");
    assertThat(daemon.mailbox("bob")).anySatisfy(mail -> assertThat(mail).contains("Subject: by send"));
  }
}
