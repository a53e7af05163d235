package org.posthorn.daemon.inbound.netty;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthorn.daemon.auth.Account;
import org.posthorn.daemon.auth.Accounts;
import org.posthorn.daemon.auth.AuthSettings;
import org.posthorn.daemon.auth.Mechanism;
import org.posthorn.daemon.auth.Secret;
import org.posthorn.daemon.inbound.ConnectionLimits;
import org.posthorn.daemon.inbound.Inbound;
import org.posthorn.daemon.inbound.InboundSettings;
import org.posthorn.daemon.inbound.ListenerSettings.Kind;
import org.posthorn.daemon.inbound.ListenerSettings.Terms;
import org.posthorn.daemon.inbound.ListenerSettings.Tls;
import org.posthorn.daemon.inbound.NetworkSet;
import org.posthorn.daemon.quota.SendingLimits;
import org.posthorn.daemon.tls.TestCertificates;

/** The PROXY protocol in front of TLS: port 465 behind a load balancer that passes on what it does not understand. */
class ProxyTlsTest {
  private static final String HEADER = "PROXY TCP4 198.51.100.9 192.0.2.1 40000 465\r\n";
  private static final Duration LONG = Duration.ofMinutes(5);
  private static final Duration SHORT = Duration.ofMillis(300);

  private final Inbound inbound = new Inbound();
  private final RunningListeners running = new RunningListeners(inbound,
      TestCertificates.server(TestCertificates.settings(TestCertificates.files("rsa"))));

  @AfterEach
  void close() {
    running.close();
  }

  @Test
  void takesMailFromTheClientThatTheProxyNames() throws Exception {
    var plain = Base64.getEncoder().encodeToString("\0alice@example.org\0wonderland".getBytes(StandardCharsets.UTF_8));
    try (var client = new TalkingClient(listen(LONG))) {
      client.send(HEADER);
      client.encrypt(TestCertificates.client(), "mail.example.org");
      assertThat(client.reply()).startsWith("220 mx.example.org ESMTP");
      assertThat(client.ask("EHLO client.example")).contains("AUTH PLAIN").doesNotContain("STARTTLS");
      assertThat(client.ask("AUTH PLAIN " + plain)).startsWith("235");
      client.ask("MAIL FROM:<alice@example.org>");
      client.ask("RCPT TO:<x@elsewhere.example>");
      client.ask("DATA");
      assertThat(client.ask("From: alice@example.org\r\n\r\nx\r\n.")).startsWith("250 2.0.0");
    }
    assertThat(inbound.spool.message().text()).contains("([198.51.100.9])", "with ESMTPSA id");
  }

  /** A proxy may send its header and the first octets of the client in one packet. */
  @Test
  void takesAHandshakeThatCameWithTheHeader() throws Exception {
    try (var socket = new Socket()) {
      socket.connect(listen(LONG));
      socket.setSoTimeout(60_000);
      var hello = clientHello();
      var all = ByteBuffer.allocate(HEADER.length() + hello.remaining())
          .put(HEADER.getBytes(StandardCharsets.US_ASCII))
          .put(hello);
      socket.getOutputStream().write(all.array());
      assertThat(socket.getInputStream().read()).as("a handshake record").isEqualTo(0x16);
    }
  }

  @Timeout(60)
  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"", "PROXY TCP4 198.51", HEADER, HEADER + "\u0016",
      HEADER + "\u0016\u0003\u0001\u0001\0\u0001",
      HEADER + "EHLO x\r\n"})
  void doesNotWaitLongForWhoStopsOnTheWay(String sent) throws Exception {
    try (var client = new TalkingClient(listen(SHORT))) {
      client.send(sent);
      client.skipAll();
    }
    while (running.first().connections() > 0) { // the client may learn of the end a moment earlier
      Thread.onSpinWait();
    }
  }

  private static ByteBuffer clientHello() throws SSLException {
    var engine = TestCertificates.client().createSSLEngine("mail.example.org", 465);
    engine.setUseClientMode(true);
    var hello = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
    engine.wrap(ByteBuffer.allocate(0), hello);
    return hello.flip();
  }

  private InetSocketAddress listen(Duration patience) throws IOException {
    return running.listen(new Terms(Kind.SUBMISSIONS, Tls.IMPLICIT, NetworkSet.LOOPBACK), settings(patience));
  }

  private static InboundSettings settings(Duration patience) {
    var all = Inbound.settings();
    var alice = new Account("alice@example.org", List.of(Secret.parse("{PLAIN}wonderland")), List.of(), List.of(),
        List.of(), SendingLimits.NONE, true);
    var auth = new AuthSettings(List.of(Mechanism.PLAIN), () -> new Accounts(List.of(alice)), Optional.empty(),
        Optional.empty(), Optional.empty(), false, AuthSettings.NONE.guard(), AuthSettings.NONE.hashing());
    return all.with(auth).with(new ConnectionLimits(1000, 10, LONG, LONG, 0, Duration.ZERO, patience));
  }
}
