package org.posthorn.daemon.inbound.netty;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthorn.daemon.inbound.CheckpointSettings.Bound;
import org.posthorn.daemon.inbound.CheckpointSettings;
import org.posthorn.daemon.inbound.Inbound;
import org.posthorn.daemon.inbound.InboundSettings;
import org.posthorn.daemon.inbound.ListenerSettings.Kind;

/** What is kept of messages that break off never makes other clients wait: no event loop reads or writes it. */
class CheckpointThreadsTest {
  private static final String MAIL = "MAIL FROM:<s@client.example> TRANSID=<1@client.example>\r\n";
  private static final String ENVELOPE = MAIL + "RCPT TO:<alice@example.org>\r\n";
  private static final String LINES = ("x".repeat(98) + "\r\n").repeat(2000);

  @TempDir
  private Path folder;

  @ParameterizedTest(name = "a message that ends with {0}")
  @ValueSource(strings = {"a break", "RSET\r\n", "EHLO client.example\r\n", "QUIT\r\n", "MAIL\r\n", "DATA\r\n"})
  void keepsTheEventLoopsOffTheDisk(String end) throws Exception {
    var inbound = new Inbound(folder);
    try (var recording = new Recording(); var running = new RunningListeners(inbound)) {
      for (var event : List.of("jdk.FileRead", "jdk.FileWrite")) {
        recording.enable(event).withThreshold(Duration.ZERO);
      }
      recording.start();
      var server = running.listen(Kind.MX, settings());
      try (var client = greeted(server)) {
        client.send(ENVELOPE + "BDAT 200000\r\n" + LINES);
        assertThat(client.replies(3).getLast()).startsWith("250 ");
        client.send(end.equals("a break") ? "BDAT 100\r\nhalf a li" : end.repeat(end.startsWith("M") ? 30 : 1));
      }
      try (var client = greeted(server)) {
        awaitRelease(client);
        client.send("RCPT TO:<alice@example.org>\r\nBDAT 200000\r\n" + LINES + "BDAT 2 LAST\r\n\r\n");
        client.replies(3);
      }
      recording.stop();
      var events = events(recording);
      assertThat(events).as("reads and writes").isNotEmpty();
      assertThat(events).noneMatch(event -> event.startsWith("multiThreadIoEventLoopGroup"));
    }
  }

  private static void awaitRelease(TalkingClient client) throws IOException {
    while (client.ask(MAIL.strip()).startsWith("450")) {
      Thread.onSpinWait(); // the session before is being closed
    }
  }

  private static TalkingClient greeted(InetSocketAddress server) throws IOException {
    var client = new TalkingClient(server);
    client.reply();
    client.ask("EHLO client.example");
    return client;
  }

  /** Returns {@code thread: file} of all that was done below the folder. */
  private List<String> events(Recording recording) throws IOException {
    var file = folder.resolve("events.jfr");
    recording.dump(file);
    return RecordingFile.readAllEvents(file)
        .stream()
        .filter(event -> event.getString("path") != null && event.getString("path").contains("checkpoints"))
        .map(event -> thread(event) + ": " + event.getString("path"))
        .toList();
  }

  private static String thread(RecordedEvent event) {
    var thread = event.getThread();
    return thread == null ? "" : thread.getJavaName() == null ? "" : thread.getJavaName();
  }

  private static InboundSettings settings() {
    var usual = Inbound.settings();
    var room = new Bound(10, 10_000_000);
    return usual.with(usual.extensions().with(new CheckpointSettings(true, Duration.ofDays(2), room, room)));
  }
}
