package org.posthorn.daemon.inbound.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.posthorn.daemon.tls.TestCertificates.client;
import static org.posthorn.daemon.tls.TestCertificates.files;
import static org.posthorn.daemon.tls.TestCertificates.settings;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthorn.daemon.inbound.ConnectionLimits;
import org.posthorn.daemon.inbound.Inbound;
import org.posthorn.daemon.inbound.InboundSettings;
import org.posthorn.daemon.inbound.ListenerSettings.Kind;
import org.posthorn.daemon.inbound.ListenerSettings.Terms;
import org.posthorn.daemon.inbound.ListenerSettings.Tls;
import org.posthorn.daemon.tls.ServerTls;
import org.posthorn.daemon.tls.TestCertificates;

/** Handshakes that come to nothing, and the end of TLS. */
class TlsEndTest {
  private static final Duration LONG = Duration.ofMinutes(5);
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String NAME = "mail.example.org";
  private static final Terms AT_THE_START = new Terms(Kind.MX, Tls.IMPLICIT);

  private final Inbound inbound = new Inbound();
  private final ServerTls tls = TestCertificates.server(settings(files("rsa")));
  private final RunningListeners running = new RunningListeners(inbound, tls);

  @AfterEach
  void stop() {
    running.close();
  }

  /** Before TLS 1.3 nothing can be said any more (RFC 5246 §7.2.1), so no message must be taken then. */
  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource({"TLSv1.3, 1", "TLSv1.2, 0"})
  void answersWhatComesInOnePacketWithTheEndOfTls(String version, int messages) throws Exception {
    try (var packets = new PackingSocket()) {
      packets.connect(listen(AT_THE_START));
      packets.setSoTimeout((int) PATIENCE.toMillis());
      var encrypted = (SSLSocket) client().getSocketFactory().createSocket(packets, NAME, packets.getPort(), true);
      encrypted.setEnabledProtocols(new String[]{version});
      encrypted.startHandshake();
      var replies = new BufferedReader(
          new InputStreamReader(encrypted.getInputStream(), StandardCharsets.ISO_8859_1));
      assertThat(replies.readLine()).startsWith("220 ");
      packets.hold();
      encrypted.getOutputStream()
          .write((String.join("\r\n", "EHLO client.example", "MAIL FROM:<s@client.example>",
              "RCPT TO:<alice@example.org>", "DATA") + "\r\nx: y\r\n.\r\nNOOP\r\n")
              .getBytes(StandardCharsets.US_ASCII));
      encrypted.shutdownOutput();
      packets.send();
      assertThat(replies.lines().filter(line -> line.startsWith("250 2.0.0 ")).toList())
          .hasSize(2 * messages); // Queued, and Ok
    }
    assertThat(inbound.spool.messages()).hasSize(messages);
  }

  /** Sends what is written in one go when it is asked to. */
  private static final class PackingSocket extends Socket {
    private final ByteArrayOutputStream held = new ByteArrayOutputStream();
    private boolean holds;

    void hold() {
      holds = true;
    }

    void send() throws IOException {
      super.getOutputStream().write(held.toByteArray());
    }

    @Override
    public OutputStream getOutputStream() throws IOException {
      var out = super.getOutputStream();
      return new OutputStream() {
        @Override
        public void write(int octet) throws IOException {
          write(new byte[]{(byte) octet}, 0, 1);
        }

        @Override
        public void write(byte[] octets, int from, int length) throws IOException {
          (holds ? held : out).write(octets, from, length);
        }
      };
    }

    /** The end of TLS is held too. */
    @Override
    public void shutdownOutput() {
      // the server closes
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"EHLO client.example\r\n", "GET / HTTP/1.1\r\n\r\n"})
  void closesOnWhatIsNoHandshake(String octets) throws Exception {
    try (var client = new TalkingClient(listen(AT_THE_START))) {
      client.send(octets);
      assertThat(isCut(client)).isTrue();
    }
    assertThat(inbound.counters.failedHandshakes()).isOne();
  }

  @Test
  void closesOnWhoDoesNotFinishTheHandshakeInTime() throws Exception {
    var server = listen(AT_THE_START, settingsWith(Duration.ofMillis(300)));
    try (var silent = new TalkingClient(server); var slow = new TalkingClient(server)) {
      slow.send("\u0016\u0003\u0001");
      assertThat(isCut(silent)).isTrue();
      assertThat(isCut(slow)).isTrue();
    }
  }

  @Test
  void servesOthersWhileManyStallInTheHandshake() throws Exception {
    var server = listen(AT_THE_START, settingsWith(LONG));
    var stalled = new ArrayList<TalkingClient>();
    try {
      for (int i = 0; i < 200; i++) {
        var client = new TalkingClient(server);
        stalled.add(client);
        client.send("\u0016\u0003\u0001\u0001\u0000\u0001\u0000\u0000\u00fc\u0003\u0003".substring(0, i % 11));
      }
      try (var client = new TalkingClient(server)) {
        client.encrypt(client(), NAME);
        assertThat(client.reply()).startsWith("220");
        assertThat(client.ask("EHLO client.example")).startsWith("250-mx.example.org");
      }
    } finally {
      for (var client : stalled) {
        client.close();
      }
    }
  }

  @Test
  void letsThoseGoWhoAreInTheHandshakeWhenItStops() throws Exception {
    var server = listen(AT_THE_START, settingsWith(LONG));
    try (var stalled = new TalkingClient(server)) {
      stalled.send("\u0016\u0003\u0001");
      try (var client = new TalkingClient(server)) {
        client.encrypt(client(), NAME);
        client.reply(); // and so the first has been accepted too
        assertThat(running.first().drain(PATIENCE)).isTrue();
        assertThat(client.reply()).startsWith("421 4.3.2");
        assertThat(client.isClosedByServer()).isTrue();
      }
      assertThat(isCut(stalled)).isTrue();
    }
  }

  private static boolean isCut(TalkingClient client) throws IOException {
    try {
      while (!client.isClosedByServer()) {
        // an alert
      }
      return true;
    } catch (SocketException _) {
      return true; // a reset
    }
  }

  private static InboundSettings settingsWith(Duration handshake) {
    var usual = Inbound.settings();
    return usual.with(new ConnectionLimits(1000, 1000, LONG, LONG, 0, Duration.ZERO, handshake));
  }

  private InetSocketAddress listen(Terms terms) throws IOException {
    return listen(terms, Inbound.settings());
  }

  private InetSocketAddress listen(Terms terms, InboundSettings settings) throws IOException {
    return running.listen(terms, settings);
  }
}
