package org.posthorn.daemon.packaged;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthorn.testkit.AcceptingServer;
import org.posthorn.testkit.FreePort;
import org.posthorn.testkit.SmtpTalk;

/** When mail goes, of the packaged daemon: DELIVERBY, FUTURERELEASE and MT-PRIORITY from MAIL to the next hop. */
class TimingIT {
  @TempDir
  private Path folder;

  private static String routes(AcceptingServer sink, int nobody) {
    return """
           [future-release]
           for-trusted-clients = true
           [[route]]
           domain = "dead.example"
           via = "smtp://127.0.0.1:%d"
           [[route]]
           domain = "there.example"
           via = "smtp://127.0.0.1:%d"
           """.formatted(nobody, sink.address().getPort());
  }

  /** Returns the id that a message got that begins with {@code parameters}. */
  private static String send(PackagedDaemon daemon, String parameters, String to) throws IOException {
    try (var talk = SmtpTalk.greet(daemon.port())) {
      talk.say("MAIL FROM:<alice@here.example> " + parameters, "250");
      talk.say("RCPT TO:<" + to + ">", "250");
      talk.say("DATA", "354");
      talk.send("Subject: " + to + "\r\n\r\nbody\r\n");
      var reply = talk.say(".", "250 2.0.0");
      return reply.substring(reply.lastIndexOf(' ') + 1);
    }
  }

  @Test
  void heldMailOutlastsAKillAndGoesAtItsTimeOrWhenTheOperatorSaysSo() throws Exception {
    try (var sink = AcceptingServer.start();
        var daemon = PackagedDaemon.start(folder, routes(sink, FreePort.find()))) {
      long queued = System.nanoTime();
      var soon = send(daemon, "HOLDFOR=15", "soon@there.example");
      var later = send(daemon, "HOLDFOR=86400", "later@there.example");
      assertThat(daemon.command("queue", "list")).contains("soon@there.example  scheduled",
          "later@there.example  scheduled");
      daemon.kill();
      daemon.restart();
      assertThat(daemon.command("queue", "show", later)).contains("release ");
      daemon.command("queue", "retry", "--all");
      assertThat(daemon.command("queue", "release", later)).contains("1 message released");
      sink.awaitMails(2);
      assertThat(Duration.ofNanos(System.nanoTime() - queued)).isGreaterThan(Duration.ofSeconds(14));
      assertThat(subjects(sink)).contains("soon@there.example", "later@there.example");
      daemon.awaitLog(1, "removed", soon); // it is there until the answer of the server is on disk
      assertThat(daemon.tryCommand("queue", "show", soon).exit()).isNotZero();
    }
  }

  @Test
  void theOperatorSeesWhatIsHeldAndCancelsIt() throws Exception {
    try (var sink = AcceptingServer.start();
        var daemon = PackagedDaemon.start(folder, routes(sink, FreePort.find()) + """
                                                                                  [submission]
                                                                                  scheduled-messages = 2
                                                                                  """)) {
      var first = send(daemon, "HOLDFOR=86400", "a@there.example");
      var second = send(daemon, "HOLDFOR=86400", "b@there.example");
      send(daemon, "", "now@there.example");
      try (var talk = SmtpTalk.greet(daemon.port())) {
        talk.say("MAIL FROM:<alice@here.example> HOLDFOR=60", "552 5.7.16");
      }
      assertThat(daemon.command("queue", "list", "--scheduled")).contains(first, second, "2 messages");
      assertThat(daemon.command("limits")).containsPattern("127\\.0\\.0\\.1 .* 2/1 ");
      assertThat(daemon.command("queue", "delete", "--scheduled", "--recipient", "a@there.example"))
          .contains("1 message deleted");
      var third = send(daemon, "HOLDFOR=86400", "c@there.example");
      assertThat(daemon.command("queue", "bounce", third)).contains("1 message ");
      daemon.awaitLog(1, "to=alice@here.example", "status=sent");
      assertThat(daemon.mailbox("alice")).singleElement().asString().contains("Future-Release-Request: for;86400");
      assertThat(daemon.command("queue", "release", "--scheduled")).contains("1 message released");
      sink.awaitMails(2);
      assertThat(subjects(sink)).contains("b@there.example").doesNotContain("a@there.example");
    }
  }

  private static String subjects(AcceptingServer sink) {
    return sink.mails()
        .stream()
        .flatMap(mail -> mail.content().lines())
        .filter(line -> line.startsWith("Subject: "))
        .map(line -> line.substring(9))
        .collect(Collectors.joining(" "));
  }

  @Test
  void mailThatCannotBeDeliveredInTimeComesBackThen() throws Exception {
    try (var sink = AcceptingServer.start();
        var daemon = PackagedDaemon.start(folder, routes(sink, FreePort.find()))) {
      var id = send(daemon, "BY=3;R", "late@dead.example");
      daemon.awaitLog(1, "delivery", id, "status=expired", "dsn=5.4.7");
      daemon.awaitLog(1, "delivery", "to=alice@here.example", "status=sent");
      assertThat(daemon.mailbox("alice")).singleElement().asString().contains("Deliver-By-Date: ", "Status: 5.4.7");
    }
  }

  @Test
  void theNextHopHearsOfTimeAndPriority() throws Exception {
    try (var sink = AcceptingServer.start("DELIVERBY 10", "MT-PRIORITY MIXER");
        var daemon = PackagedDaemon.start(folder, routes(sink, FreePort.find()))) {
      send(daemon, "BY=3600;R MT-PRIORITY=-4", "a@there.example");
      sink.awaitMails(1);
      assertThat(sink.commands())
          .anyMatch(line -> line.matches("MAIL FROM:<alice@here.example>.* BY=3[56]\\d\\d;R MT-PRIORITY=-4"));
    }
  }
}
