package org.posthorn.daemon.packaged;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthorn.testkit.SmtpTalk;

/** A client goes on with a message that broke off, over a new connection (RFC 1845 §5), whatever became of us meanwhile. */
class CheckpointIT {
  private static final String ON = "[checkpoint]\nenabled = true\n";
  private static final String LINE = "x".repeat(998) + "\r\n";

  @TempDir
  private Path folder;

  private static void begin(SmtpTalk talk, int id) throws IOException {
    talk.say("MAIL FROM:<a@there.example> TRANSID=<" + id + "@there.example>", "250");
    talk.say("RCPT TO:<alice@here.example>", "250");
  }

  /** Returns the offset to go on at. */
  private static int goOn(SmtpTalk talk, int id) throws IOException {
    var reply = talk.say("MAIL FROM:<a@there.example> TRANSID=<" + id + "@there.example>", "355 ");
    return Integer.parseInt(reply.substring(4, reply.indexOf(' ', 4)));
  }

  /** Breaks off behind 21 octets. */
  private static void breakOff(PackagedDaemon daemon, int id) throws Exception {
    try (var talk = SmtpTalk.greet(daemon.port())) {
      begin(talk, id);
      talk.say("DATA", "354");
      talk.send("Subject: " + id + "\r\n\r\nfirst\r\nsec");
    }
    daemon.awaitLog(id, "transaction kept", "octets=21");
  }

  @Test
  void goesOnWithAMessageThatBrokeOff() throws Exception {
    try (var daemon = PackagedDaemon.start(folder, ON)) {
      breakOff(daemon, 1);
      assertThat(daemon.command("status"))
          .contains("\ncheckpoints  1 transactions that broke off or just ended, 21 B\n");
      try (var talk = SmtpTalk.greet(daemon.port())) {
        assertThat(goOn(talk, 1)).isEqualTo(21);
        talk.say("DATA", "354");
        talk.send("second\r\n");
        talk.say(".", "250");
      }
      daemon.awaitLog(1, "transaction taken, its client may not know"); // 450 until then
      try (var talk = SmtpTalk.greet(daemon.port())) {
        assertThat(goOn(talk, 1)).isEqualTo(29);
        talk.say("DATA", "354");
        talk.say(".", "250");
        talk.say("QUIT", "221");
      }
      daemon.awaitLog(1, " accepted ", "nrcpt=1");
      daemon.awaitLog(1, "to=alice@here.example", "status=sent");
      assertThat(daemon.mailbox("alice")).singleElement().asString().endsWith("\nfirst\nsecond\n");
    }
  }

  @Test
  void goesOnAfterAStopAndAfterAKill() throws Exception {
    try (var daemon = PackagedDaemon.start(folder, ON)) {
      breakOff(daemon, 1);
      breakOff(daemon, 2);
      breakOff(daemon, 3);
      damage(daemon, "Subject: 3");
      assertThat(daemon.stop()).isZero();
      daemon.restart();
      try (var talk = SmtpTalk.greet(daemon.port())) {
        assertThat(goOn(talk, 1)).isEqualTo(21);
        talk.send("BDAT 8 LAST\r\nsecond\r\n");
        talk.expect("250 ");
      }
      daemon.kill();
      daemon.restart();
      try (var talk = SmtpTalk.greet(daemon.port())) {
        assertThat(goOn(talk, 2)).isEqualTo(21);
        talk.say("DATA", "354");
        talk.send("second\r\n");
        talk.say(".", "250");
        begin(talk, 3); // which is damaged
        talk.say("RSET", "250");
        assertThat(goOn(talk, 1)).as("taken before the kill").isEqualTo(29);
        talk.send("BDAT 0 LAST\r\n");
        talk.expect("250 ");
        talk.say("QUIT", "221");
      }
      daemon.awaitEmptyQueue();
      assertThat(daemon.mailbox("alice")).hasSize(2).allSatisfy(mail -> assertThat(mail).endsWith("\nfirst\nsecond\n"));
      assertThat(daemon.command("status")).doesNotContain("\ncheckpoints ");
    }
  }

  @Test
  void goesOnWhenItWasKilledInTheMiddle() throws Exception {
    try (var daemon = PackagedDaemon.start(folder, ON)) {
      try (var talk = SmtpTalk.greet(daemon.port())) {
        begin(talk, 1);
        talk.send("BDAT 3000014\r\nSubject: 1\r\n\r\n" + LINE.repeat(3000));
        talk.expect("250 ");
        daemon.kill();
      }
      daemon.restart();
      try (var talk = SmtpTalk.greet(daemon.port())) {
        int octets = goOn(talk, 1);
        assertThat(octets).isBetween(1_000_000, 3_000_014);
        talk.say("DATA", "354");
        talk.send(LINE.repeat((3_000_014 - octets) / LINE.length()));
        talk.say(".", "250");
        talk.say("QUIT", "221");
      }
      daemon.awaitEmptyQueue();
      assertThat(daemon.mailbox("alice")).singleElement()
          .asString()
          .endsWith("Subject: 1\n\n" + LINE.replace("\r", "").repeat(3000));
    }
  }

  @Test
  void goesOnWhenItWasStoppedInTheMiddle() throws Exception {
    try (var daemon = PackagedDaemon.start(folder, ON)) {
      try (var talk = SmtpTalk.greet(daemon.port())) {
        begin(talk, 1);
        talk.send("BDAT 12\r\nSubject: 1\r\nBDAT 100\r\n\r\nfirst\r\nsec");
        talk.expect("250 ");
        assertThat(daemon.stop()).isZero();
      }
      daemon.restart();
      try (var talk = SmtpTalk.greet(daemon.port())) {
        assertThat(goOn(talk, 1)).isEqualTo(21);
        talk.send("BDAT 8 LAST\r\nsecond\r\n");
        talk.expect("250 ");
      }
      daemon.awaitEmptyQueue();
      assertThat(daemon.mailbox("alice")).singleElement().asString().endsWith("\nfirst\nsecond\n");
    }
  }

  private static List<Path> files(PackagedDaemon daemon) throws IOException {
    try (var files = Files.list(daemon.home().resolve("data/checkpoints"))) {
      return files.toList();
    }
  }

  private static void damage(PackagedDaemon daemon, String content) throws IOException {
    for (var file : files(daemon)) {
      if (file.toString().endsWith(".content") && Files.readString(file).startsWith(content)) {
        Files.write(file, "?".getBytes(StandardCharsets.US_ASCII), StandardOpenOption.WRITE);
      }
    }
  }
}
