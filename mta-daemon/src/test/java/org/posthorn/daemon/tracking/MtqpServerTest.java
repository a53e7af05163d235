package org.posthorn.daemon.tracking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.posthorn.daemon.tls.TestCertificates;
import org.posthorn.queue.DsnRequest;
import org.posthorn.queue.Envelope;
import org.posthorn.queue.Fate;
import org.posthorn.queue.Handling;
import org.posthorn.queue.Outcome.Diagnostic;
import org.posthorn.queue.QueueId;
import org.posthorn.queue.QueuedMessage;
import org.posthorn.queue.Recipient;
import org.posthorn.queue.RecipientNumber;
import org.posthorn.queue.RemoteMta;
import org.posthorn.smtp.BodyType;
import org.posthorn.smtp.Domain;
import org.posthorn.smtp.EnhancedStatus;
import org.posthorn.smtp.Mailbox;
import org.posthorn.smtp.OriginalRecipient;
import org.posthorn.smtp.ReversePath;
import org.posthorn.smtp.Tracking;
import org.posthorn.testkit.SettableClock;

class MtqpServerTest {
  private static final String TRACK = "TRACK <1@h.example> YWJjZGVmZ2g=";
  private static final Instant NOW = TestCertificates.NOW;
  private static final InetSocketAddress ANYWHERE = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

  @TempDir
  private Path directory;
  private final SettableClock clock = new SettableClock(NOW);
  private volatile MtqpTerms terms = new MtqpTerms(Domain.of("mx.example.org"), 100, 5, Duration.ofSeconds(30));
  private volatile Runnable trouble = () -> {};
  private TrackBook book;
  private MtqpServer server;

  @BeforeEach
  void start() throws IOException {
    book = new TrackBook(directory.resolve("tracking"), () -> 2, clock, Runnable::run);
    server = new MtqpServer(book, TestCertificates.server(TestCertificates.settings(TestCertificates.files("rsa"))),
        this::terms);
    server.open(List.of(ANYWHERE));
  }

  private MtqpTerms terms() {
    trouble.run();
    return terms;
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private static String certifier() {
    try {
      var hash = java.security.MessageDigest.getInstance("SHA-1")
          .digest("abcdefgh".getBytes(StandardCharsets.US_ASCII));
      return java.util.Base64.getEncoder().withoutPadding().encodeToString(hash);
    } catch (java.security.NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static QueuedMessage message(String id, String envelopeId, Recipient... recipients) {
    var plain = Handling.PLAIN;
    var envelope = new Envelope(ReversePath.of(Mailbox.of("a@h.example")), List.of(recipients), BodyType.SEVEN_BIT,
        false, new DsnRequest(Optional.empty(), Optional.of(envelopeId)), "local",
        new Handling(plain.deadline(), plain.release(),
            plain.priority(), plain.tls(), List.of(), Optional.of(new Tracking(certifier(),
                Optional.of(Duration.ofDays(2)))),
            plain.submitter()));
    return new QueuedMessage(new QueueId(id), NOW, envelope, 10);
  }

  private static Recipient recipient(String address) {
    return Recipient.of(Mailbox.of(address));
  }

  private static Recipient member(String address) {
    return new Recipient(Mailbox.of(address), Optional.empty(), Optional.of(new OriginalRecipient("rfc822",
        "team@example.org")), Optional.empty(), true);
  }

  private void note(QueuedMessage message, int recipient, Fate.Action action, String status) {
    book.note(message, new RecipientNumber(recipient),
        new Fate(action, new Diagnostic(EnhancedStatus.of(status), "x", true,
            Optional.of(new RemoteMta("mx.peer.example", "127.0.0.1:25"))), NOW.plusSeconds(60),
            action == Fate.Action.DELAYED ? Optional.of(NOW.plusSeconds(3600)) : Optional.empty()));
  }

  /** Says {@code commands} and returns all that the server said. */
  private String say(String... commands) throws IOException {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), server.addresses().getFirst().getPort())) {
      socket.setSoTimeout(60_000);
      socket.getOutputStream()
          .write((String.join("\r\n", commands) + "\r\nQUIT\r\n").getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).replace("\r\n", "\n");
    }
  }

  @Test
  void tellsWhatBecameOfEachRecipient() throws IOException {
    var message = message("0000000000000001", "1@h.example", recipient("one@a.example"), recipient("two@a.example"),
        recipient("three@a.example"), recipient("four@a.example"), recipient("five@a.example"),
        recipient("six@a.example"),
        member("alice@example.org"), member("bob@example.org"));
    book.begin(message);
    note(message, 0, Fate.Action.DELIVERED, "2.0.0");
    note(message, 1, Fate.Action.RELAYED, "2.0.0");
    note(message, 2, Fate.Action.DELAYED, "4.4.1");
    note(message, 2, Fate.Action.TRANSFERRED, "2.0.0");
    note(message, 3, Fate.Action.FAILED, "5.1.1");
    note(message, 4, Fate.Action.DELAYED, "4.4.1");
    note(message, 6, Fate.Action.FAILED, "5.1.1");
    assertThat(say(TRACK)).isEqualTo(
        """
        +OK+/MTQP mx.example.org
        STARTTLS
        .
        +OK+ Tracking information follows
        Content-Type: multipart/related; boundary="=_posthorn_tracking"; type="message/tracking-status"

        --=_posthorn_tracking
        Content-Type: message/tracking-status

        Original-Envelope-Id: 1@h.example
        Reporting-MTA: dns; mx.example.org
        Arrival-Date: Mon, 23 Nov 2026 12:00:00 +0000

        """
            + group("one", "delivered", "2.0.0", "") + group("two", "relayed", "2.1.9", "")
            + group("three", "transferred", "2.0.0", "") + group("four", "failed", "5.1.1", "")
            + group("five", "delayed", "4.4.1", "Will-Retry-Until: Mon, 23 Nov 2026 13:00:00 +0000\n")
            + """
              Original-Recipient: rfc822; six@a.example
              Final-Recipient: rfc822; six@a.example
              Action: delayed
              Status: 4.0.0

              Original-Recipient: rfc822; team@example.org
              Final-Recipient: rfc822; team@example.org
              Action: expanded
              Status: 2.1.5
              Last-Attempt-Date: Mon, 23 Nov 2026 12:00:00 +0000

              --=_posthorn_tracking--
              .
              +OK Bye
              """);
  }

  private static String group(String name, String action, String status, String more) {
    return """
           Original-Recipient: rfc822; %s@a.example
           Final-Recipient: rfc822; %s@a.example
           Action: %s
           Status: %s
           Remote-MTA: dns; mx.peer.example
           Last-Attempt-Date: Mon, 23 Nov 2026 12:01:00 +0000
           %s
           """.formatted(name, name, action, status, more);
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource({"TRACK <1@h.example> d3Jvbmc=, -ERR/noinfo", "TRACK <2@h.example> YWJjZGVmZ2g=, -ERR/noinfo",
      "TRACK <1@h.example>, -BAD", "TRACK <1@h.example> *, -BAD", "HELP, -BAD", "COMMENT what a day, +OK",
      "STARTTLS, -BAD", "STARTTLS other.example, -BAD/bad-fqdn"})
  void answers(String command, String reply) throws IOException {
    book.begin(message("0000000000000001", "1@h.example", recipient("one@a.example")));
    assertThat(say(command)).contains("\n.\n" + reply);
  }

  @Test
  void knowsAfterARestartWhatItKnewBefore() throws IOException {
    var message = message("0000000000000001", "1@h.example", recipient("one@a.example"));
    book.begin(message);
    try (var files = Files.newDirectoryStream(directory.resolve("tracking"))) {
      Files.writeString(files.iterator().next(), "fate\t0000000000000001\tx\ntorn", StandardOpenOption.APPEND);
    }
    var again = new TrackBook(directory.resolve("tracking"), () -> 2, clock, Runnable::run);
    assertThat(again.find("1@h.example", "abcdefgh".getBytes(StandardCharsets.US_ASCII))).hasSize(1);
  }

  @Test
  void forgetsInTimeButNotWhatWaits() throws IOException {
    var done = message("0000000000000001", "1@h.example", recipient("one@a.example"));
    var waiting = message("0000000000000002", "2@h.example", recipient("one@a.example"));
    book.begin(done);
    book.begin(waiting);
    note(done, 0, Fate.Action.DELIVERED, "2.0.0");
    book.begin(message("0000000000000003", "3@h.example", recipient("one@a.example")));
    assertThat(say("TRACK 3@h.example YWJjZGVmZ2g=")).contains("-ERR/noinfo"); // there was no room for it
    clock.advance(Duration.ofDays(3));
    assertThat(say(TRACK)).contains("-ERR/noinfo");
    assertThat(say("TRACK 2@h.example YWJjZGVmZ2g=")).contains("Action: delayed");
    book.begin(message("0000000000000004", "4@h.example", recipient("one@a.example")));
    assertThat(say("TRACK 4@h.example YWJjZGVmZ2g=")).contains("Action: delayed");
  }

  @Test
  void hasRoomForFiveClientsOfOneAddress() throws IOException {
    var open = new ArrayList<Socket>();
    try {
      for (int i = 1; i <= 6; i++) {
        var socket = new Socket(InetAddress.getLoopbackAddress(), server.addresses().getFirst().getPort());
        open.add(socket);
        socket.setSoTimeout(60_000);
        var said = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
        assertThat(said.readLine()).startsWith(i <= 5 ? "+OK+/MTQP" : "-TEMP/MTQP/unavailable");
      }
      assertThat(server.counters().connections()).isEqualTo(5);
      assertThat(server.counters().refusals()).isOne();
      assertThat(server.clients()).isEqualTo(5);
    } finally {
      for (var socket : open) {
        socket.close();
      }
    }
  }

  @Test
  void servesTheNextClientWhateverABugDidToTheOneBefore() throws IOException {
    trouble = () -> {
      throw new IllegalStateException("a bug");
    };
    assertThat(greeting()).as("closed without a word").isEmpty();
    trouble = () -> {
      throw new LinkageError("as the test wants it");
    };
    assertThat(greeting()).as("also for an error that is no exception").isEmpty();
    trouble = () -> {};
    assertThat(greeting()).hasValueSatisfying(line -> assertThat(line).startsWith("+OK+/MTQP"));
  }

  private Optional<String> greeting() throws IOException {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), server.addresses().getFirst().getPort())) {
      socket.setSoTimeout(60_000);
      var said = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
      return Optional.ofNullable(said.readLine());
    }
  }

  @Test
  void countsWhatIsAsked() throws IOException {
    book.begin(message("0000000000000001", "1@h.example", recipient("one@a.example")));
    say(TRACK, "TRACK 2@h.example YWJjZGVmZ2g=", TRACK);
    assertThat(server.counters().known()).isEqualTo(2);
    assertThat(server.counters().unknown()).isOne();
    assertThat(book.tracked()).isOne();
  }

  @Test
  void givesAHandshakeNoMoreTimeThanOtherListenersDo() throws IOException {
    terms = new MtqpTerms(terms.hostname(), 100, 5, Duration.ofMillis(100));
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), server.addresses().getFirst().getPort())) {
      socket.setSoTimeout(60_000);
      var in = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
      socket.getOutputStream().write("STARTTLS mail.example.org\r\n".getBytes(StandardCharsets.US_ASCII));
      assertThat(in.readLine() + in.readLine() + in.readLine() + in.readLine()).endsWith("+OK Start TLS");
      assertThat(in.read()).as("nothing more comes").isEqualTo(-1);
    }
  }

  @Test
  void listensWhereItIsToldAndNowhereElse() throws IOException {
    int port = server.addresses().getFirst().getPort();
    assertThatIOException()
        .isThrownBy(() -> server.open(List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))))
        .withMessageContaining("for tracking");
    assertThat(server.addresses()).hasSize(1);
    server.keepOnly(List.of());
    assertThat(server.addresses()).isEmpty();
    assertThatIOException().isThrownBy(() -> new Socket(InetAddress.getLoopbackAddress(), port).close());
  }

  @Test
  void speaksTls() throws IOException {
    try (var plain = new Socket(InetAddress.getLoopbackAddress(), server.addresses().getFirst().getPort())) {
      plain.setSoTimeout(60_000);
      var in = new BufferedReader(new InputStreamReader(plain.getInputStream(), StandardCharsets.US_ASCII));
      assertThat(in.readLine() + in.readLine() + in.readLine()).endsWith("STARTTLS.");
      plain.getOutputStream().write("STARTTLS mail.example.org\r\n".getBytes(StandardCharsets.US_ASCII));
      assertThat(in.readLine()).startsWith("+OK");
      try (var socket = (SSLSocket) TestCertificates.client()
          .getSocketFactory()
          .createSocket(plain, "mail.example.org", plain.getPort(), true)) {
        var secret = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
        assertThat(secret.readLine()).isEqualTo("+OK/MTQP mx.example.org");
        socket.getOutputStream().write("STARTTLS mail.example.org\r\n".getBytes(StandardCharsets.US_ASCII));
        assertThat(secret.readLine()).startsWith("-BAD/tls-in-progress");
      }
    }
  }
}
