package org.posthorn.daemon.inbound.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthorn.daemon.inbound.ConnectionLimits;
import org.posthorn.daemon.inbound.Inbound;
import org.posthorn.daemon.inbound.InboundRules;
import org.posthorn.daemon.inbound.InboundSettings;
import org.posthorn.daemon.inbound.ListenerSettings.Kind;
import org.posthorn.daemon.inbound.ListenerSettings.Terms;
import org.posthorn.daemon.inbound.ListenerSettings;
import org.posthorn.daemon.inbound.MessageLimits;
import org.posthorn.daemon.inbound.SessionSettings;
import org.posthorn.smtp.Domain;

class NettyListenerTest {
  private static final Duration LONG = Duration.ofMinutes(5);
  private static final Duration SHORT = Duration.ofMillis(300);
  private static final String TRANSACTION = String.join("\r\n", "EHLO client.example", "MAIL FROM:<s@client.example>",
      "RCPT TO:<alice@example.org>", "");

  private final Inbound inbound = new Inbound();
  private final RunningListeners running = new RunningListeners(inbound);

  @AfterEach
  void stop() {
    running.close();
  }

  @Test
  void takesAMessageForALocalUser() throws Exception {
    try (var client = new TalkingClient(listen(Inbound.settings()))) {
      assertThat(client.reply()).startsWith("220 mx.example.org ESMTP");
      assertThat(client.ask("EHLO client.example")).startsWith("250-mx.example.org\n").contains("250-PIPELINING\n");
      assertThat(client.ask("MAIL FROM:<s@client.example>")).startsWith("250 2.1.0");
      assertThat(client.ask("RCPT TO:<Alice@Example.org>")).startsWith("250 2.1.5");
      assertThat(client.ask("DATA")).startsWith("354");
      assertThat(client.ask("Subject: hello\r\n\r\n..dot\r\n.")).startsWith("250 2.0.0 Queued as 0");
      assertThat(client.ask("QUIT")).startsWith("221 2.0.0");
      assertThat(client.isClosedByServer()).isTrue();
    }
    var stored = inbound.spool.message();
    assertThat(stored.text()).startsWith("Received: from client.example (localhost [127.0.0.1])\r\n")
        .endsWith("\r\nSubject: hello\r\n\r\n.dot\r\n");
    assertThat(inbound.accepted).containsExactly(stored.message());
  }

  @Test
  void answersInOrderWhateverIsPipelined() throws Exception {
    try (var client = new TalkingClient(listen(Inbound.settings()))) {
      client.send((TRANSACTION + "DATA\r\nx: y\r\n.\r\nNOOP\r\n" + TRANSACTION + "BDAT 6 LAST\r\nz: 1\r\nRSET\r\n")
          .repeat(20) + "QUIT\r\n");
      assertThat(client.reply()).startsWith("220");
      for (int i = 0; i < 20; i++) {
        for (var code : List.of("250-", "250 2.1.0", "250 2.1.5", "354", "250 2.0.0 Queued", "250 2.0.0 Ok",
            "250-", "250 2.1.0", "250 2.1.5", "250 2.0.0 Queued", "250 2.0.0 Ok")) {
          assertThat(client.reply()).startsWith(code);
        }
      }
      assertThat(client.reply()).startsWith("221");
    }
    assertThat(inbound.spool.messages()).hasSize(40);
  }

  @Test
  void hangsUpAfterAnErrorOfItsOwn() throws Exception {
    inbound.spool.failWhen(_ -> {
      throw new LinkageError("as the test wants it");
    });
    try (var client = new TalkingClient(listen(Inbound.settings()))) {
      client.send(TRANSACTION + "DATA\r\nx: y\r\n.\r\n");
      assertThat(client.replies(6).getLast()).isEqualTo("421 4.3.0 Internal error; try again later\n");
      assertThat(client.isClosedByServer()).isTrue();
    }
    assertThat(inbound.spool.openDrafts()).isZero();
  }

  @Test
  void takesABigMessage() throws Exception {
    String content = ("x".repeat(998) + "\r\n").repeat(3000);
    try (var client = new TalkingClient(listen(Inbound.settings()))) {
      client.send(TRANSACTION + "DATA\r\nSubject: big\r\n\r\n");
      client.send(content);
      client.send(".\r\nQUIT\r\n");
      assertThat(client.replies(6).getLast()).startsWith("250 2.0.0 Queued");
      assertThat(client.reply()).startsWith("221");
    }
    assertThat(inbound.spool.message().text()).endsWith("Subject: big\r\n\r\n" + content);
  }

  @Test
  void answersAClientThatHasShutDownItsSide() throws Exception {
    try (var client = new TalkingClient(listen(Inbound.settings()))) {
      client.send(TRANSACTION + "DATA\r\nx: y\r\n.\r\n");
      client.shutDownOutput();
      assertThat(client.replies(6).getLast()).startsWith("250 2.0.0 Queued");
      assertThat(client.isClosedByServer()).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "POST /x HTTP/1.1\r\n\r\nMAIL FROM:<>\r\n",
      "\u0016\u0003\u0001\u0002\u0000\r\n"})
  void hangsUpOnWhoSpeaksSomethingElse(String request) throws Exception {
    try (var client = new TalkingClient(listen(Inbound.settings()))) {
      assertThat(client.reply()).startsWith("220");
      client.send(request);
      assertThat(client.reply()).isEqualTo("421 4.7.0 This is SMTP; goodbye\n");
      assertThat(client.isClosedByServer()).isTrue();
    }
  }

  @Test
  void hangsUpOnWhoSpeaksBeforeTheGreeting() throws Exception {
    var settings = settings(new ConnectionLimits(10, 10, LONG, LONG, 0, LONG, LONG));
    try (var client = new TalkingClient(listen(settings))) {
      client.send("EHLO client.example\r\n");
      assertThat(client.reply()).startsWith("554 5.5.0");
      assertThat(client.isClosedByServer()).isTrue();
    }
  }

  @Test
  void greetsWhoWaitsForTheGreeting() throws Exception {
    var settings = settings(new ConnectionLimits(10, 10, LONG, LONG, 0, SHORT, LONG));
    try (var client = new TalkingClient(listen(settings))) {
      assertThat(client.reply()).startsWith("220");
      assertThat(client.ask("NOOP")).startsWith("250");
    }
  }

  @Test
  void servesAsManyAsAllowedAndMoreWhenSomeHaveGone() throws Exception {
    var server = listen(settings(new ConnectionLimits(3, 2, LONG, LONG, 0, Duration.ZERO, LONG)));
    try (var first = new TalkingClient(server);
        var second = new TalkingClient(server)) {
      assertThat(first.reply()).startsWith("220");
      assertThat(second.reply()).startsWith("220");
      var third = new TalkingClient(server);
      assertThat(third.reply()).startsWith("421 4.7.0 Too many connections from your address");
      assertThat(third.isClosedByServer()).isTrue();
      assertThat(first.ask("QUIT")).startsWith("221");
      assertThat(first.isClosedByServer()).isTrue();
      try (var fourth = new TalkingClient(server)) {
        assertThat(fourth.reply()).startsWith("220");
      }
    }
  }

  @Test
  void servesNoMoreThanTheTotal() throws Exception {
    var server = listen(settings(new ConnectionLimits(1, 10, LONG, LONG, 0, Duration.ZERO, LONG)));
    try (var first = new TalkingClient(server)) {
      assertThat(first.reply()).startsWith("220");
      try (var second = new TalkingClient(server)) {
        assertThat(second.reply()).startsWith("421 4.7.0 Too many connections;");
      }
    }
  }

  @Test
  void hangsUpOnWhoIsSilent() throws Exception {
    try (var client = new TalkingClient(listen(settings(impatient())))) {
      assertThat(client.reply()).startsWith("220");
      assertThat(client.reply()).startsWith("421 4.4.2");
      assertThat(client.isClosedByServer()).isTrue();
    }
  }

  @Test
  void hangsUpOnWhoSendsACommandOctetByOctet() throws Exception {
    try (var client = new TalkingClient(listen(settings(impatient())))) {
      assertThat(client.reply()).startsWith("220");
      assertThat(client.trickle("N")).startsWith("421 4.4.2");
    }
  }

  @Test
  void hangsUpOnWhoTricklesAMessage() throws Exception {
    // Patient with commands: the client may be slow to begin.
    var settings = settings(new ConnectionLimits(10, 10, LONG, SHORT, 100_000, Duration.ZERO, LONG));
    try (var client = new TalkingClient(listen(settings))) {
      client.send(TRANSACTION + "DATA\r\n");
      assertThat(client.replies(5).getLast()).startsWith("354");
      assertThat(client.trickle("x")).isEqualTo("421 4.4.2 Data comes too slowly; goodbye\n");
    }
    assertThat(inbound.spool.messages()).isEmpty();
  }

  @Test
  void stopsReadingFromWhoDoesNotReadReplies() throws Exception {
    var patient = new SessionSettings(2048, 20, 1_000_000, false, false, false);
    var server = listen(Inbound.settings(impatient(), patient, MessageLimits.DEFAULT));
    byte[] helps = "HELP\r\n".repeat(10_000).getBytes(StandardCharsets.US_ASCII);
    long sent = 0;
    try (var client = SocketChannel.open(server)) {
      client.configureBlocking(false);
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
      while (System.nanoTime() < deadline) {
        sent += client.write(ByteBuffer.wrap(helps));
        Thread.onSpinWait();
      }
    } catch (IOException _) {
      assertThat(sent).isLessThan(30_000_000L); // system buffers; then it hung up on us
      return;
    }
    throw new AssertionError("still connected after " + sent);
  }

  @Test
  void letsMessagesFinishWhenItStops() throws Exception {
    var server = listen(Inbound.settings());
    try (var idle = new TalkingClient(server); var busy = new TalkingClient(server)) {
      assertThat(idle.reply()).startsWith("220");
      busy.send(TRANSACTION + "DATA\r\n");
      assertThat(busy.replies(5).getLast()).startsWith("354");
      var drained = CompletableFuture.supplyAsync(() -> drain(running.first(), Duration.ofSeconds(60)));
      assertThat(idle.reply()).startsWith("421 4.3.2");
      assertThat(idle.isClosedByServer()).isTrue();
      assertThatThrownBy(() -> {
        try (var late = new TalkingClient(server)) { // the system may have let it in while the socket was being closed
          late.reply();
        }
      }).isInstanceOf(IOException.class);
      assertThat(busy.ask("x: y\r\n.")).startsWith("250 2.0.0 Queued");
      assertThat(busy.reply()).startsWith("421 4.3.2");
      assertThat(drained.get(60, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void cutsWhoDoesNotFinishInTime() throws Exception {
    var server = listen(Inbound.settings());
    try (var busy = new TalkingClient(server)) {
      busy.send(TRANSACTION + "DATA\r\n");
      assertThat(busy.replies(5).getLast()).startsWith("354");
      assertThat(drain(running.first(), SHORT)).isFalse();
      assertThat(busy.isClosedByServer()).isTrue();
    }
  }

  @Test
  void usesNewRulesForNewSessionsOnly() throws Exception {
    var server = listen(Inbound.settings());
    try (var before = new TalkingClient(server)) {
      assertThat(before.reply()).startsWith("220 mx.example.org");
      var settings = Inbound.settings();
      running.first()
          .use(InboundRules.of(new InboundSettings(Domain.of("other.example"), settings.connections(),
              settings.session(), settings.message(), settings.relay(), settings.auth(), settings.submission(),
              settings.local(), settings.extensions())));
      try (var after = new TalkingClient(server)) {
        assertThat(after.reply()).startsWith("220 other.example");
      }
      assertThat(before.ask("EHLO x")).startsWith("250-mx.example.org");
    }
  }

  @Test
  void servesASocketThatItInherits() throws Exception {
    var inherited = ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    var listener = running.deaf(Inbound.settings());
    listener.adopt(inherited, inherited.getLocalAddress(), Terms.of(Kind.MX));
    try (var client = new TalkingClient((InetSocketAddress) inherited.getLocalAddress())) {
      assertThat(client.reply()).startsWith("220");
    }
  }

  @Test
  void namesTheAddressThatItCannotHave() throws Exception {
    var taken = listen(Inbound.settings());
    var listener = running.deaf(Inbound.settings());
    assertThatThrownBy(() -> listener.listen(List.of(new ListenerSettings(List.of(taken), Kind.MX))))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("cannot listen on")
        .hasMessageContaining(":" + taken.getPort());
  }

  private static boolean drain(NettyListener listener, Duration grace) {
    try {
      return listener.drain(grace);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  private static ConnectionLimits impatient() {
    return new ConnectionLimits(10, 10, SHORT, SHORT, 0, Duration.ZERO, LONG);
  }

  private static InboundSettings settings(ConnectionLimits limits) {
    return Inbound.settings(limits, SessionSettings.DEFAULT, MessageLimits.DEFAULT);
  }

  private InetSocketAddress listen(InboundSettings settings) throws Exception {
    return running.listen(Kind.MX, settings);
  }
}
