package org.posthorn.daemon.inbound.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.posthorn.daemon.tls.TestCertificates.client;
import static org.posthorn.daemon.tls.TestCertificates.files;
import static org.posthorn.daemon.tls.TestCertificates.settings;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Set;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthorn.daemon.inbound.FrontEnds;
import org.posthorn.daemon.inbound.Inbound;
import org.posthorn.daemon.inbound.InboundSettings;
import org.posthorn.daemon.inbound.ListenerSettings.Kind;
import org.posthorn.daemon.inbound.ListenerSettings.Terms;
import org.posthorn.daemon.inbound.ListenerSettings.Tls;
import org.posthorn.daemon.inbound.NetworkSet;
import org.posthorn.daemon.inbound.RelaySettings;
import org.posthorn.daemon.inbound.TrustedCertificates;
import org.posthorn.daemon.tls.Fingerprint;
import org.posthorn.daemon.tls.ServerTls;
import org.posthorn.daemon.tls.TestCertificates;
import org.posthorn.daemon.tls.TlsSettings;

/** Clients that speak TLS, over real sockets. */
class TlsListenerTest {
  private static final String NAME = "mail.example.org";
  private static final Terms STARTTLS = Terms.of(Kind.MX);
  private static final Terms AT_THE_START = new Terms(Kind.MX, Tls.IMPLICIT);
  private static final List<String> TRANSACTION = List.of("EHLO client.example", "MAIL FROM:<s@client.example>",
      "RCPT TO:<alice@example.org>", "DATA");

  private final Inbound inbound = new Inbound();
  private final ServerTls tls = TestCertificates.server(settings(files("rsa"), files("ec"), files("other")));
  private final RunningListeners running = new RunningListeners(inbound, tls);

  @AfterEach
  void stop() {
    running.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
  void takesMailAfterStartTls(String version) throws Exception {
    try (var client = new TalkingClient(listen(STARTTLS))) {
      assertThat(client.reply()).startsWith("220 ");
      assertThat(client.ask("EHLO client.example")).contains("250-STARTTLS\n");
      assertThat(client.ask("STARTTLS")).isEqualTo("220 2.0.0 Start TLS\n");
      var session = client.encrypt(client(), NAME, with -> with.setProtocols(new String[]{version}));
      assertThat(session.getProtocol()).isEqualTo(version);
      assertThat(client.ask("RCPT TO:<alice@example.org>")).startsWith("503 5.5.1");
      assertThat(client.ask("EHLO client.example")).doesNotContain("STARTTLS");
      send(client, "Subject: hello\r\n\r\nx");
      assertThat(client.ask("QUIT")).startsWith("221 2.0.0");
      assertThat(client.isClosedByServer()).isTrue();
      assertThat(inbound.spool.message().text()).contains("(using " + version + " with cipher "
          + session.getCipherSuite() + ")")
          .contains("with ESMTPS id")
          .contains("\r\n\ttls " + session.getCipherSuite());
    }
    assertThat(inbound.counters.handshakes()).isOne();
  }

  @Test
  void greetsUnderTlsWhereItIsImplicit() throws Exception {
    try (var client = new TalkingClient(listen(AT_THE_START))) {
      client.encrypt(client(), NAME);
      assertThat(client.reply()).startsWith("220 mx.example.org ESMTP");
      assertThat(client.ask("EHLO client.example")).doesNotContain("STARTTLS");
      assertThat(client.ask("STARTTLS")).startsWith("503 5.5.1 The connection is encrypted already");
      send(client, "x: y");
      assertThat(client.ask("QUIT")).startsWith("221 2.0.0");
      assertThat(client.isClosedByServer()).isTrue();
    }
  }

  @Test
  void answersWhatIsPipelinedUnderTlsInOrder() throws Exception {
    String commands = String.join("\r\n", TRANSACTION) + "\r\nx: y\r\n.\r\nNOOP\r\n";
    try (var client = new TalkingClient(listen(AT_THE_START))) {
      client.encrypt(client(), NAME);
      client.send(commands.repeat(200) + "QUIT\r\n"); // several TLS records in one read
      assertThat(client.reply()).startsWith("220");
      for (int i = 0; i < 200; i++) {
        for (var code : List.of("250-", "250 2.1.0", "250 2.1.5", "354", "250 2.0.0 Queued", "250 2.0.0 Ok")) {
          assertThat(client.reply()).startsWith(code);
        }
      }
      assertThat(client.reply()).startsWith("221");
    }
    assertThat(inbound.spool.messages()).hasSize(200);
  }

  @Test
  void takesABigMessageUnderTls() throws Exception {
    String content = ("x".repeat(998) + "\r\n").repeat(3000);
    try (var client = new TalkingClient(listen(AT_THE_START))) {
      client.encrypt(client(), NAME);
      assertThat(client.reply()).startsWith("220");
      for (var command : TRANSACTION) {
        client.ask(command);
      }
      client.send("Subject: big\r\n\r\n" + content);
      assertThat(client.ask(".")).startsWith("250 2.0.0 Queued");
    }
    assertThat(inbound.spool.message().text()).endsWith("Subject: big\r\n\r\n" + content);
  }

  @ParameterizedTest
  @ValueSource(strings = {"NOOP\r\n", "M", "MAIL FROM:<evil@smuggled.example>\r\n"})
  void hangsUpOnWhoSendsMoreBehindStartTls(String more) throws Exception {
    try (var client = new TalkingClient(listen(STARTTLS))) {
      client.reply();
      client.ask("EHLO client.example");
      client.send("STARTTLS\r\n" + more);
      assertThat(client.reply()).startsWith("421 4.7.0 STARTTLS must be the last command");
      assertThat(client.isClosedByServer()).isTrue();
    }
  }

  @ParameterizedTest
  @CsvSource({"mail.example.org, EC", "x.example.org, RSA", "mx.example.net, RSA", "unknown.example, EC"})
  void choosesTheCertificateByName(String name, String keyType) throws Exception {
    try (var client = new TalkingClient(listen(AT_THE_START))) {
      var shown = (X509Certificate) client.encrypt(client(), name).getPeerCertificates()[0];
      assertThat(shown.getPublicKey().getAlgorithm()).isEqualTo(keyType);
      assertThat(shown.getSubjectAlternativeNames().toString()).contains(
          name.equals("mx.example.net") ? "mx.example.net" : "mail.example.org");
    }
  }

  @ParameterizedTest(name = "{0} with {1}")
  @CsvSource({"TLSv1.2, TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, RSA",
      "TLSv1.2, TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, EC", "TLSv1.3, TLS_CHACHA20_POLY1305_SHA256, EC"})
  void showsTheKindOfKeyThatTheClientCanUse(String version, String cipher, String keyType) throws Exception {
    try (var client = new TalkingClient(listen(AT_THE_START))) {
      var session = client.encrypt(client(), NAME, with -> {
        with.setProtocols(new String[]{version});
        with.setCipherSuites(new String[]{cipher});
      });
      assertThat(session.getPeerCertificates()[0].getPublicKey().getAlgorithm()).isEqualTo(keyType);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256"})
  void hasNoWeakCiphers(String cipher) throws Exception {
    try (var client = new TalkingClient(listen(AT_THE_START))) {
      assertThatExceptionOfType(SSLException.class).isThrownBy(() -> client.encrypt(client(), NAME, with -> {
        with.setProtocols(new String[]{"TLSv1.2"});
        with.setCipherSuites(new String[]{cipher});
      }));
    }
  }

  @Test
  void doesNotComputeInLargeFiniteFields() throws Exception {
    try (var client = new TalkingClient(listen(AT_THE_START))) {
      assertThatExceptionOfType(SSLException.class).isThrownBy(() -> client.encrypt(client(), NAME,
          with -> with.setNamedGroups(new String[]{"ffdhe8192"})));
    }
  }

  @Test
  void speaksNoOlderVersionThanItShould() throws Exception {
    var usual = settings(files("rsa"));
    tls.use(new TlsSettings(usual.hostname(), usual.certificates(), usual.selfSigned(), TlsSettings.Version.TLS_1_3,
        List.of(), usual.expiryWarning()));
    var server = listen(AT_THE_START);
    try (var client = new TalkingClient(server)) {
      assertThatIOException().isThrownBy(
          () -> client.encrypt(client(), NAME, with -> with.setProtocols(new String[]{"TLSv1.2"})));
    }
    try (var client = new TalkingClient(server)) {
      assertThat(client.encrypt(client(), NAME).getProtocol()).isEqualTo("TLSv1.3");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
  void resumesSessions(String version) throws Exception {
    var server = listen(AT_THE_START);
    var context = client();
    long first = sessionTime(server, context, version);
    long second = sessionTime(server, context, version);
    assertThat(second).isEqualTo(first); // a resumed session is as old as the first
  }

  private static long sessionTime(InetSocketAddress server, SSLContext context, String version)
      throws IOException {
    try (var client = new TalkingClient(server)) {
      SSLSession session = client.encrypt(context, NAME, with -> with.setProtocols(new String[]{version}));
      client.reply(); // TLS 1.3 sends the ticket behind the handshake
      client.ask("QUIT");
      return session.getCreationTime();
    }
  }

  @Test
  void changesCertificatesWithoutDroppingAConnection() throws Exception {
    var server = listen(AT_THE_START);
    try (var old = new TalkingClient(server)) {
      old.encrypt(client(), NAME);
      old.reply();
      old.ask("EHLO client.example");
      tls.use(settings(files("other")));
      send(old, "x: y");
      try (var next = new TalkingClient(server)) {
        assertThat(((X509Certificate) next.encrypt(client(), NAME).getPeerCertificates()[0])
            .getSubjectX500Principal()
            .getName()).isEqualTo("CN=mx.example.net");
      }
      assertThat(old.ask("NOOP")).startsWith("250");
    }
  }

  @ParameterizedTest(name = "a client with {0} and {1} trusted")
  @CsvSource(delimiter = '|', value = {"client | certificate | 250", "client | key | 250", "client | authority | 250",
      "rsa | authority | 550 5.7.1", "ec | certificate | 550 5.7.1", "'' | authority | 550 5.7.1"})
  void trustsWhoHasACertificate(String shown, String trusted, String reply) throws Exception {
    var certificate = TestCertificates.chain("client").getFirst();
    var certificates = switch (trusted) {
      case "certificate" -> new TrustedCertificates(Set.of(Fingerprint.of(certificate)), List.of());
      case "key" -> new TrustedCertificates(Set.of(Fingerprint.ofKey(certificate)), List.of());
      default -> new TrustedCertificates(Set.of(), TestCertificates.chain("ca"));
    };
    try (var client = new TalkingClient(listen(AT_THE_START, relayingFor(certificates)))) {
      client.encrypt(shown.isEmpty() ? client() : client(shown), NAME);
      client.reply();
      client.ask("EHLO client.example");
      client.ask("MAIL FROM:<s@client.example>");
      assertThat(client.ask("RCPT TO:<x@elsewhere.example>")).startsWith(reply);
    }
  }

  @Test
  void takesSubmissionFromWhoHasATrustedCertificate() throws Exception {
    var certificates = new TrustedCertificates(Set.of(), TestCertificates.chain("ca"));
    var server = listen(Terms.of(Kind.SUBMISSIONS), relayingFor(certificates));
    for (var reply : List.of("250 2.1.0", "530 5.7.0")) {
      try (var client = new TalkingClient(server)) {
        client.encrypt(reply.startsWith("250") ? client("client") : client(), NAME);
        client.reply();
        client.ask("EHLO client.example");
        assertThat(client.ask("MAIL FROM:<s@client.example>")).startsWith(reply);
      }
    }
  }

  /** HAProxy with send-proxy or send-proxy-v2 in front of port 465: the header goes before the handshake, in clear. */
  @ParameterizedTest(name = "one packet: {0}, {1}")
  @CsvSource({"false, PROXY TCP4 192.0.2.9 192.0.2.1 40000 465", "true, PROXY TCP4 192.0.2.9 192.0.2.1 40000 465",
      "false, two", "true, two"})
  void encryptsBehindAProxy(boolean isOnePacket, String version) throws Exception {
    var certificates = new TrustedCertificates(Set.of(), TestCertificates.chain("ca"));
    var server = listen(new Terms(Kind.SUBMISSIONS, Tls.IMPLICIT, NetworkSet.LOOPBACK), relayingFor(certificates));
    String header = version.equals("two")
        ? "\r\n\r\n\0\r\nQUIT\n!\u0011\0\u000c\u00c0\0\u0002\u0009\u00c0\0\u0002\u0001\u009c@\u0001\u00d1"
        : version + "\r\n";
    try (var client = isOnePacket ? new TalkingClient(server, header) : new TalkingClient(server)) {
      if (!isOnePacket) {
        client.send(header);
      }
      client.encrypt(client("client"), NAME);
      assertThat(client.reply()).startsWith("220 mx.example.org ESMTP");
      assertThat(client.ask("EHLO client.example")).startsWith("250-").doesNotContain("STARTTLS");
      send(client, "x: y");
    }
    assertThat(inbound.spool.message().text()).contains("[192.0.2.9])", "with ESMTPS");
    assertThat(inbound.counters.at(Kind.SUBMISSIONS).messages()).isOne();
  }

  /** Who comes past the proxy is told nothing that would be taken for TLS. */
  @Test
  void closesWhenNoProxySpeaksBeforeTheHandshake() throws Exception {
    var server = listen(new Terms(Kind.SUBMISSIONS, Tls.IMPLICIT, NetworkSet.LOOPBACK), Inbound.settings());
    try (var client = new TalkingClient(server)) {
      assertThatIOException().isThrownBy(() -> client.encrypt(client(), NAME));
    }
    assertThat(inbound.counters.at(Kind.SUBMISSIONS).connections()).isZero();
  }

  private static void send(TalkingClient client, String content) throws IOException {
    for (var command : TRANSACTION.subList(1, 4)) {
      assertThat(client.ask(command)).matches("(?s)(250|354).*");
    }
    assertThat(client.ask(content + "\r\n.")).startsWith("250 2.0.0 Queued");
  }

  private static InboundSettings relayingFor(TrustedCertificates certificates) {
    var usual = Inbound.settings();
    return usual.with(
        new RelaySettings(NetworkSet.of(List.of()), certificates, List.of(), FrontEnds.NONE, Set.of()));
  }

  private InetSocketAddress listen(Terms terms) throws IOException {
    return listen(terms, Inbound.settings());
  }

  private InetSocketAddress listen(Terms terms, InboundSettings settings) throws IOException {
    return running.listen(terms, settings);
  }
}
