package org.posthorn.daemon.tracking;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthorn.daemon.tls.TestCertificates;
import org.posthorn.queue.DsnRequest;
import org.posthorn.queue.Envelope;
import org.posthorn.queue.Handling;
import org.posthorn.queue.QueueId;
import org.posthorn.queue.QueuedMessage;
import org.posthorn.queue.Recipient;
import org.posthorn.smtp.BodyType;
import org.posthorn.smtp.Domain;
import org.posthorn.smtp.Mailbox;
import org.posthorn.smtp.ReversePath;
import org.posthorn.smtp.Tracking;
import org.posthorn.testkit.SettableClock;

/** Who keeps the tracking server waiting: its time is bounded, and its place is free afterwards. */
class SlowMtqpTest {
  private static final Duration SHORT = Duration.ofMillis(200);
  private static final Duration LONG = Duration.ofMinutes(5);
  private static final int PATIENCE_MILLIS = 60_000;
  private static final int PLACES = 5;
  /** The SHA-1 of {@code abcdefgh}. */
  private static final String CERTIFIER = "QlrxKgdDUCsyLpOgFbz4aOMk1Wo";

  @TempDir
  private Path directory;

  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"", "TRACK ", "COMMENT x\r\n", "STARTTLS mail.example.org\r\n",
      "STARTTLS mail.example.org\r\n\u0016\u0003"})
  void doesNotWaitLongForWhoStopsOnTheWay(String said) throws IOException {
    try (var server = start(SHORT, LONG)) {
      for (int i = 0; i < PLACES; i++) {
        try (var client = connect(server)) {
          say(client, said);
          assertEnds(client);
        }
      }
      assertGreeted(server);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "\r\n", "COMMENT x\r\n"})
  void endsWithWhoTrickles(String more) throws IOException {
    try (var server = start(LONG, SHORT); var client = connect(server)) {
      client.setSoTimeout(10);
      assertThat(isEndedWhileTrickling(client, more)).isTrue();
      assertGreeted(server);
    }
  }

  @Test
  @Timeout(60)
  void endsWithWhoDoesNotReadTheAnswers() throws IOException {
    var stalled = new ArrayList<Socket>();
    try (var server = start(LONG, Duration.ofMillis(500))) {
      for (int i = 0; i < PLACES; i++) {
        var client = connect(server);
        stalled.add(client);
        assertThat(client.getInputStream().read()).as("the greeting").isEqualTo('+');
        say(client, "TRACK 1@h.example YWJjZGVmZ2g=\r\n".repeat(150));
      }
      while (!isGreeted(server)) {
        Thread.onSpinWait();
      }
    } finally {
      for (var client : stalled) {
        client.close();
      }
    }
  }

  private static boolean isEndedWhileTrickling(Socket client, String more) throws IOException {
    for (int i = 0; i < PATIENCE_MILLIS / 10; i++) {
      try {
        say(client, more);
        if (client.getInputStream().read() < 0) {
          return true;
        }
      } catch (SocketTimeoutException _) {
        // not yet
      } catch (SocketException _) {
        return true;
      }
    }
    return false;
  }

  /** A reset is an end as well. */
  private static void assertEnds(Socket client) throws IOException {
    try {
      assertThat(client.getInputStream().readAllBytes()).hasSizeLessThan(1000);
    } catch (SocketException _) {
      // the same
    }
  }

  private static void assertGreeted(MtqpServer server) throws IOException {
    assertThat(isGreeted(server)).isTrue();
  }

  private static boolean isGreeted(MtqpServer server) throws IOException {
    try (var next = connect(server)) {
      return next.getInputStream().read() == '+';
    }
  }

  private static Socket connect(MtqpServer server) throws IOException {
    var socket = new Socket(InetAddress.getLoopbackAddress(), server.addresses().getFirst().getPort());
    socket.setSoTimeout(PATIENCE_MILLIS);
    return socket;
  }

  private static void say(Socket client, String text) throws IOException {
    client.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  private MtqpServer start(Duration silence, Duration whole) throws IOException {
    var book = new TrackBook(directory.resolve("tracking"), () -> 2, new SettableClock(TestCertificates.NOW),
        Runnable::run);
    book.begin(message());
    var server = new MtqpServer(book,
        TestCertificates.server(TestCertificates.settings(TestCertificates.files("rsa"))),
        () -> new MtqpTerms(Domain.of("mx.example.org"), 100, PLACES, LONG, silence, whole));
    server.open(List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)));
    return server;
  }

  /** For so many recipients that a report about them is larger than what the system holds for who does not read. */
  private static QueuedMessage message() {
    var recipients = IntStream.range(0, 1000)
        .mapToObj(i -> Recipient.of(Mailbox.of("r" + i + "@a.example")))
        .toList();
    var plain = Handling.PLAIN;
    var handling = new Handling(plain.deadline(), plain.release(), plain.priority(), plain.tls(), List.of(),
        Optional.of(new Tracking(CERTIFIER, Optional.of(Duration.ofDays(2)))), plain.submitter());
    return new QueuedMessage(new QueueId("0000000000000001"), TestCertificates.NOW,
        new Envelope(ReversePath.of(Mailbox.of("a@h.example")), recipients, BodyType.SEVEN_BIT, false,
            new DsnRequest(Optional.empty(), Optional.of("1@h.example")), "local", handling),
        10);
  }
}
