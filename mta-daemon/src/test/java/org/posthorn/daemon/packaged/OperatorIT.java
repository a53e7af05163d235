package org.posthorn.daemon.packaged;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthorn.testkit.AcceptingServer;
import org.posthorn.testkit.FreePort;
import org.posthorn.testkit.SmtpTalk;

/** What an operator does all day: looks into the queue, acts on it, reloads, stops, and reads the metrics. */
class OperatorIT {
  private static final Pattern QUEUED = Pattern.compile("250 2\\.0\\.0 .*?([0-9a-z]{16})");

  @TempDir
  private Path folder;

  private AcceptingServer peer;
  private PackagedDaemon daemon;
  private int metricsPort;

  @BeforeEach
  void start() throws Exception {
    peer = AcceptingServer.start("PIPELINING");
    metricsPort = FreePort.find();
    Files.writeString(folder.resolve("aliases"), "staff: alice, bob\n");
    daemon = PackagedDaemon.start(folder,
        """
        aliases-file = "%s"
        [[route]]
        domain = "*"
        via = "smtp://127.0.0.1:%d"
        [admin]
        metrics-address = "127.0.0.1:%d"
        """.formatted(folder.resolve("aliases"), peer.address().getPort(), metricsPort));
  }

  @AfterEach
  void stop() throws IOException {
    daemon.close();
    peer.close();
  }

  @Test
  void aDeferredMessageCanBeShownHeldReleasedAndRetried() throws Exception {
    peer.answer("RCPT .*", "451 4.7.1 come back later");
    var id = send("someone@there.example");
    daemon.awaitLog(1, "id=" + id, "status=deferred", "dsn=4.7.1");
    assertThat(daemon.command("queue", "list")).contains(id, "someone@there.example", "come back later", "next");
    assertThat(daemon.command("queue", "list", "--json", "--domain", "there.example")).contains("\"" + id + "\"");
    assertThat(daemon.command("queue", "list", "--sender", "nobody@here.example")).doesNotContain(id);
    assertThat(daemon.command("queue", "show", id)).contains("alice@here.example", "come back later");
    assertThat(daemon.command("queue", "cat", id)).contains("Subject: hello");

    daemon.command("queue", "hold", id);
    assertThat(daemon.command("queue", "list", "--held")).contains(id);
    daemon.kill();
    daemon.restart();
    assertThat(daemon.command("queue", "list", "--held")).contains(id);
    assertThat(peer.mails()).isEmpty();

    peer.answer("RCPT .*", "250 2.1.5 fine now");
    daemon.command("queue", "release", id);
    daemon.command("queue", "retry", id);
    assertThat(peer.awaitMails(1)).hasSize(1);
    daemon.awaitLog(1, "id=" + id, "status=sent");
  }

  @Test
  void bouncingTellsTheSenderAndDeletingDoesNot() throws Exception {
    peer.answer("RCPT .*", "451 4.7.1 come back later");
    var bounced = send("one@there.example");
    var deleted = send("two@there.example");
    daemon.awaitLog(2, "status=deferred");
    assertThat(daemon.command("queue", "bounce", "--recipient", "one@there.example", "--dry-run")).contains("1");
    assertThat(daemon.command("queue", "list")).contains(bounced);
    daemon.command("queue", "bounce", "--recipient", "one@there.example");
    daemon.command("queue", "delete", deleted);
    daemon.awaitLog(1, "to=alice@here.example", "status=sent");
    assertThat(daemon.mailbox("alice")).singleElement().asString().contains("one@there.example", "Action: failed");
    daemon.awaitLog(3, "removed"); // the report too
    assertThat(daemon.command("queue", "list", "--json")).isBlank();
    assertThat(daemon.tryCommand("queue", "delete").exit()).as("deleting everything by mistake").isNotZero();
  }

  @Test
  void reloadingPutsNewAliasesInForceAndKeepsTheOldOnesWhenTheyAreWrong() throws Exception {
    try (var open = SmtpTalk.greet(daemon.port())) {
      Files.writeString(folder.resolve("aliases"), "staff: alice, bob\nsales: bob\n");
      daemon.signal("HUP");
      daemon.awaitLog(1, "reloaded");
      open.say("NOOP", "250");
    }
    try (var talk = SmtpTalk.greet(daemon.port())) {
      talk.mail("alice@here.example", "sales@here.example", "Subject: to sales\r\n\r\nbody\r\n");
    }
    daemon.awaitLog(1, "to=bob@here.example", "status=sent");

    Files.writeString(folder.resolve("aliases"), "loop: loop2\nloop2: loop\n");
    var result = daemon.tryCommand("reload");
    assertThat(result.exit()).isNotZero();
    assertThat(result.output()).contains("aliases:");
    try (var talk = SmtpTalk.greet(daemon.port())) {
      talk.say("MAIL FROM:<>", "250");
      talk.say("RCPT TO:<sales@here.example>", "250");
    }
  }

  @Test
  void stopsInTimeWhileAPeerHangsAtTheFinalDotAndDeliversAfterTheNextStart() throws Exception {
    peer.answer("\\.", "HOLD");
    var id = send("someone@there.example");
    peer.awaitCommand("DATA");
    assertThat(daemon.stop()).isZero();
    peer.answer("\\.", "250 2.0.0 taken");
    daemon.restart();
    daemon.command("queue", "retry", "--all");
    daemon.awaitLog(1, "id=" + id, "status=sent");
  }

  @Test
  void aPausedDestinationWaitsUntilItIsResumed() throws Exception {
    var destination = "smtp://127.0.0.1:" + peer.address().getPort();
    daemon.command("queue", "pause", destination, "--reason", "maintenance");
    send("someone@there.example");
    assertThat(daemon.command("queue", "destinations")).contains(destination, "maintenance");
    assertThat(peer.mails()).isEmpty();
    daemon.command("queue", "resume", destination);
    assertThat(peer.awaitMails(1)).hasSize(1);
  }

  @Test
  void sendmailSubmitsWhatAProgramWrites() throws Exception {
    var message = "From: root@here.example\nTo: alice@here.example\nBcc: bob@here.example\nSubject: from cron\n\noutput\n.\n";
    assertThat(daemon.commandWithInput(message, "sendmail", "-i", "-t", "-f", "root@here.example").exit()).isZero();
    daemon.awaitLog(1, "to=alice@here.example", "status=sent");
    daemon.awaitLog(1, "to=bob@here.example", "status=sent");
    assertThat(daemon.mailbox("alice")).singleElement()
        .asString()
        .contains("Subject: from cron", "\noutput\n.\n")
        .doesNotContain("Bcc:");
    daemon.stop();
    assertThat(daemon.commandWithInput(message, "sendmail", "-t").exit()).as("EX_TEMPFAIL").isEqualTo(75);
  }

  @Test
  void metricsCountWhatHappened() throws Exception {
    send("someone@there.example");
    peer.awaitMails(1);
    daemon.awaitLog(1, "removed");
    try (var http = HttpClient.newHttpClient()) {
      var page = http.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + metricsPort + "/metrics")).build(),
          BodyHandlers.ofString());
      assertThat(page.body()).contains("posthorn_messages_accepted_total{listener=\"mx\"} 1.0",
          "posthorn_recipients_total{outcome=\"delivered\"} 1.0", "posthorn_checkpoint_transactions 0.0",
          "posthorn_checkpoint_bytes 0.0", "posthorn_checkpoint_resumed_total 0.0");
    }
  }

  private String send(String recipient) throws IOException {
    try (var talk = SmtpTalk.greet(daemon.port())) {
      var reply = talk.mail("alice@here.example", recipient, "Subject: hello\r\n\r\nbody\r\n");
      var queued = QUEUED.matcher(reply);
      assertThat(queued.find()).as(reply).isTrue();
      return queued.group(1);
    }
  }
}
