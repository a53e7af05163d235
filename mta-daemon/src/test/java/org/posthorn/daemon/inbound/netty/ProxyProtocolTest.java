package org.posthorn.daemon.inbound.netty;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthorn.daemon.inbound.ConnectionLimits;
import org.posthorn.daemon.inbound.FrontEnds;
import org.posthorn.daemon.inbound.Inbound;
import org.posthorn.daemon.inbound.InboundSettings;
import org.posthorn.daemon.inbound.ListenerSettings.Kind;
import org.posthorn.daemon.inbound.ListenerSettings.Terms;
import org.posthorn.daemon.inbound.ListenerSettings.Tls;
import org.posthorn.daemon.inbound.MessageLimits;
import org.posthorn.daemon.inbound.NetworkSet;
import org.posthorn.daemon.inbound.RelaySettings;
import org.posthorn.daemon.inbound.SessionSettings;
import org.posthorn.daemon.inbound.TrustedCertificates;

/** The PROXY protocol from loopback. 192.0.2.0/24 is trusted, loopback is not. */
class ProxyProtocolTest {
  private static final String SIGNATURE = "\r\n\r\n\0\r\nQUIT\n";
  private static final Duration LONG = Duration.ofMinutes(5);
  private final Inbound inbound = new Inbound();
  private final RunningListeners running = new RunningListeners(inbound);

  @AfterEach
  void close() {
    running.close();
  }

  @ParameterizedTest(name = "{1}")
  @CsvSource(delimiter = '|', value = {
      "PROXY TCP4 192.0.2.9 192.0.2.1 40000 25 | 192.0.2.9 | true",
      "PROXY TCP4 198.51.100.9 192.0.2.1 40000 25 | 198.51.100.9 | false",
      "PROXY TCP6 2001:db8::9 2001:db8::1 40000 25 | IPv6:2001:db8::9 | false",
      "PROXY UNKNOWN | 127.0.0.1 | false",
      "PROXY UNKNOWN some thing else | 127.0.0.1 | false"})
  void takesTheAddressForTheClients(String header, String address, boolean isTrusted) throws Exception {
    try (var client = new TalkingClient(listen(10, LONG))) {
      client.send(header + "\r\n");
      assertServed(client, address, isTrusted);
    }
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({"PROXY, 192.0.2.9, true", "LOCAL, 127.0.0.1, false"})
  void readsVersionTwo(String command, String address, boolean isTrusted) throws Exception {
    try (var client = new TalkingClient(listen(10, LONG))) {
      client.send(SIGNATURE + (command.equals("PROXY") ? "!" : " ")
          + "\u0011\0\u0010\u00c0\0\u0002\u0009\u00c0\0\u0002\u0001\u009c@\0\u0019\u0004\0\u0001\0");
      assertServed(client, address, isTrusted);
    }
  }

  private void assertServed(TalkingClient client, String address, boolean isTrusted) throws Exception {
    assertThat(client.reply()).startsWith("220");
    client.ask("EHLO x");
    client.ask("MAIL FROM:<s@x.example>");
    assertThat(client.ask("RCPT TO:<y@elsewhere.example>")).startsWith(isTrusted ? "250" : "550 5.7.1");
    client.ask("RCPT TO:<alice@example.org>");
    client.ask("DATA");
    assertThat(client.ask(".")).startsWith("250");
    assertThat(inbound.spool.message().text()).contains("[" + address + "])");
  }

  @Test
  void readsCommandsThatCameWithTheHeader() throws Exception {
    try (var client = new TalkingClient(listen(10, LONG))) {
      client.send("PROXY TCP4 192.0.2.9 192.0.2.1 40000 25\r\nQUIT\r\n");
      assertThat(client.replies(2)).satisfiesExactly(greeting -> assertThat(greeting).startsWith("220"),
          bye -> assertThat(bye).startsWith("221"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"EHLO client.example with a name\r\n", "PROXY TCP4 192.0.2.9\r\n", "PROXY TCP4 a b c d\r\n",
      "PROXY TCP4 192.0.2.9 192.0.2.1 40000 25\rEHLO x\r\n", "PROXY TCP4 192.0.2.256 192.0.2.1 1 25\r\n",
      "PROXY UDP4 192.0.2.9 192.0.2.1 40000 25\r\n", SIGNATURE + "!\u0012\0\u000c\0\0\0\0\0\0\0\0\0\0\0\0",
      SIGNATURE + "\u0011\u0011\0\u000c\0\0\0\0\0\0\0\0\0\0\0\0", SIGNATURE + "!\u0011\u00ff\u00ff"})
  void closesWhenTheHeaderIsNone(String header) throws Exception {
    try (var client = new TalkingClient(listen(10, LONG))) {
      client.send(header + "x".repeat(6000));
      assertThat(client.isClosedByServer()).isTrue();
    } catch (SocketException _) {
      // reset, for it was sent more than was read
    }
    assertThat(inbound.counters.at(Kind.MX).connections()).isZero();
  }

  @Test
  void waitsForTheHeaderForAWhileOnly() throws Exception {
    try (var client = new TalkingClient(listen(10, Duration.ofMillis(200)))) {
      client.send("PROXY TCP4");
      assertThat(client.isClosedByServer()).isTrue();
    }
  }

  @Test
  void boundsTheClientsAndNotTheirProxy() throws Exception {
    var server = listen(1, LONG);
    try (var one = new TalkingClient(server);
        var other = new TalkingClient(server);
        var again = new TalkingClient(server)) {
      one.send("PROXY TCP4 198.51.100.1 192.0.2.1 40000 25\r\n");
      assertThat(one.reply()).startsWith("220");
      other.send("PROXY TCP4 198.51.100.2 192.0.2.1 40000 25\r\n");
      assertThat(other.reply()).startsWith("220");
      again.send("PROXY TCP4 198.51.100.1 192.0.2.1 40001 25\r\n");
      assertThat(again.reply()).startsWith("421 4.7.0 Too many connections from your address");
    }
  }

  /** The address is that of the proxy, not of whoever is behind it. */
  @ParameterizedTest
  @ValueSource(strings = {"XCLIENT NAME=spike.example", "XFORWARD NAME=spike.example"})
  void whoIsUnknownSpeaksForNobody(String command) throws Exception {
    try (var client = new TalkingClient(listen(10, LONG))) {
      client.send("PROXY UNKNOWN\r\n");
      client.reply();
      assertThat(client.ask("EHLO x")).doesNotContain("XCLIENT", "XFORWARD");
      assertThat(client.ask(command)).startsWith("550 5.7.0");
    }
  }

  @Test
  void servesOthersWithoutAHeader() throws Exception {
    var server = listen(10, LONG, NetworkSet.of(List.of("192.0.2.0/24")));
    try (var client = new TalkingClient(server)) {
      assertThat(client.reply()).startsWith("220");
      assertThat(client.ask("PROXY TCP4 192.0.2.9 192.0.2.1 40000 25")).startsWith("500");
    }
  }

  /** Whatever comes first, the next client is served. */
  @Test
  void survivesGarbage() throws Exception {
    var server = listen(1000, LONG);
    var random = new Random(20261122);
    for (int round = 0; round < 200; round++) {
      var octets = new byte[random.nextInt(1, 300)];
      random.nextBytes(octets);
      var start = random.nextInt(3) == 0 ? "PROXY " : random.nextBoolean() ? SIGNATURE : "";
      try (var client = new TalkingClient(server)) {
        client.send(start + new String(octets, StandardCharsets.ISO_8859_1));
        client.shutDownOutput();
        client.reply();
      } catch (SocketException _) {
        // reset
      }
    }
    try (var client = new TalkingClient(server)) {
      client.send("PROXY TCP4 198.51.100.2 192.0.2.1 40000 25\r\n");
      assertThat(client.reply()).startsWith("220");
    }
  }

  private static InboundSettings settings(ConnectionLimits limits) {
    var all = Inbound.settings(limits, SessionSettings.DEFAULT, MessageLimits.DEFAULT);
    var front = new FrontEnds(NetworkSet.LOOPBACK, NetworkSet.LOOPBACK);
    return all.with(new RelaySettings(all.relay().trusted(), TrustedCertificates.NONE, List.of(), front, Set.of()));
  }

  private InetSocketAddress listen(int perClient, Duration patience) throws Exception {
    return listen(perClient, patience, NetworkSet.LOOPBACK);
  }

  private InetSocketAddress listen(int perClient, Duration patience, NetworkSet proxies) throws Exception {
    var limits = new ConnectionLimits(1000, perClient, LONG, LONG, 0, Duration.ZERO, patience);
    return running.listen(new Terms(Kind.MX, Tls.OFFERED, proxies), settings(limits));
  }
}
