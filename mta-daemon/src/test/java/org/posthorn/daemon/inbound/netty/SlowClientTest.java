package org.posthorn.daemon.inbound.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.ssl.SslHandler;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthorn.daemon.auth.Account;
import org.posthorn.daemon.auth.Accounts;
import org.posthorn.daemon.auth.AuthSettings;
import org.posthorn.daemon.auth.Mechanism;
import org.posthorn.daemon.auth.Secret;
import org.posthorn.daemon.inbound.Client;
import org.posthorn.daemon.inbound.ConnectionLimits;
import org.posthorn.daemon.inbound.Inbound;
import org.posthorn.daemon.inbound.InboundRules;
import org.posthorn.daemon.inbound.InboundSettings;
import org.posthorn.daemon.inbound.ListenerSettings.Kind;
import org.posthorn.daemon.inbound.ListenerSettings.Terms;
import org.posthorn.daemon.inbound.ListenerSettings.Tls;
import org.posthorn.daemon.inbound.SessionSettings;
import org.posthorn.daemon.inbound.SessionPorts;
import org.posthorn.daemon.inbound.SmtpSession;
import org.posthorn.daemon.quota.SendingLimits;
import org.posthorn.daemon.tls.ServerTls;
import org.posthorn.daemon.tls.TestCertificates;

/** Clients that keep a connection busy with as little as possible, over hours that pass in milliseconds. */
class SlowClientTest {
  private static final Duration STEP = Duration.ofSeconds(10);
  private static final Duration COMMAND = Duration.ofMinutes(5).plusSeconds(20); // and until the next look at the clock
  private static final String GREET = "EHLO client.example\r\n";
  private static final String TRANSACTION = GREET
      + "MAIL FROM:<s@client.example>\r\nRCPT TO:<alice@example.org>\r\n";

  private final Inbound inbound = new Inbound();
  private final ServerTls tls = TestCertificates
      .server(TestCertificates.settings(TestCertificates.files("rsa")));
  private final TlsHandshakes handshakes = new TlsHandshakes(tls, inbound.counters);
  private final List<TalkedChannel> opened = new ArrayList<>();

  @AfterEach
  void close() {
    opened.forEach(channel -> channel.finishAndReleaseAll());
    handshakes.close();
    assertThat(inbound.spool.openDrafts()).isZero();
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"", GREET, "EHLO client.example\r\nAUTH CRAM-MD5\r\n", TRANSACTION})
  void cutsWhoTricklesACommandOrAnAnswer(String before) {
    var channel = connect(Terms.of(Kind.MX));
    channel.send(before);
    trickle(channel, "N", STEP);
    assertThat(channel.age()).isLessThan(COMMAND.plus(STEP));
    assertThat(channel.replies()).contains("421 4.4.2 ");
  }

  @ParameterizedTest(name = "{0} and then {1}")
  @CsvSource({"'DATA\r\n', x", "'DATA\r\n', '\r\n'", "'DATA\r\n', 'a: b\r\n'", "'BDAT 1000000000\r\n', x",
      "'BDAT 999999999999999999 LAST\r\n', x", "'', 'BDAT 1\r\nx'", "'', 'BDAT 0\r\n'"})
  void cutsWhoTricklesContent(String before, String more) {
    var channel = connect(Terms.of(Kind.MX));
    channel.send(TRANSACTION + before);
    trickle(channel, more, STEP);
    assertThat(channel.age()).isLessThan(Duration.ofMinutes(2));
    assertThat(channel.replies()).contains("421 4.4.2 ");
  }

  @Test
  void letsWhoSendsChunksPauseBetweenMessages() {
    var channel = connect(Terms.of(Kind.MX));
    for (int i = 0; i < 20; i++) {
      channel.send(TRANSACTION + "BDAT 6\r\nx: y\r\nBDAT 0 LAST\r\n");
      assertThat(channel.replies()).contains("250 2.0.0 Queued");
      channel.pass(Duration.ofMinutes(4));
    }
    assertThat(channel.isOpen()).isTrue();
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"NOOP\r\n", "RSET\r\n", GREET, "QUIT?\r\n", "AUTH CRAM-MD5\r\n*\r\n", "BDAT 1\r\nx",
      "STARTTLS now\r\n", "MAIL FROM:<>\r\nRSET\r\n", "VRFY x\r\n", "\r\n"})
  void endsWithWhoOnlyEverSaysTheSameJustInTime(String always) {
    var channel = connect(Terms.of(Kind.MX));
    channel.send(GREET);
    trickle(channel, always, Duration.ofMinutes(4));
    assertThat(channel.age()).isLessThan(Duration.ofHours(10));
    assertThat(channel.replies()).contains("421 4.7.0 ");
  }

  @Test
  void cutsWhoSaysNothing() {
    var channel = connect(Terms.of(Kind.MX));
    channel.pass(Duration.ofHours(1));
    assertThat(channel.age()).isLessThan(COMMAND);
    assertThat(channel.replies()).contains("421 4.4.2 ");
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"NOOP\r\n", "HELP\r\n", "EHLO client.example\r\n", "RCPT TO:<alice@example.org>\r\n",
      "BDAT 1\r\nx"})
  void holdsBoundedRepliesForWhoDoesNotReadThemAndCutsThatOne(String command) {
    var channel = connect(Terms.of(Kind.MX),
        settings(new SessionSettings(512, 10_000, 1_000_000, false, false, false)));
    channel.send(TRANSACTION);
    channel.stopReading();
    for (int i = 0; i < 100 && channel.wantsMore(); i++) {
      channel.send(command.repeat(60_000 / command.length()));
      assertThat(channel.unread()).isLessThan(128 * 1024);
    }
    assertThat(channel.wantsMore()).isFalse();
    channel.pass(Duration.ofHours(1));
    assertThat(channel.isOpen()).isFalse();
    assertThat(channel.age()).isLessThan(COMMAND);
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"QUIT\r\n", "BDAT x\r\n", "GET / HTTP/1.1\r\n"})
  void doesNotWaitForWhoDoesNotTakeTheLastWord(String last) {
    var channel = connect(Terms.of(Kind.MX));
    channel.send(TRANSACTION);
    channel.stopReading();
    channel.send(last);
    channel.pass(Duration.ofHours(1));
    assertThat(channel.isOpen()).isFalse();
    assertThat(channel.age()).isLessThanOrEqualTo(Duration.ofMinutes(1));
  }

  @Test
  void cutsWhoTricklesAHandshake() {
    for (var hello : List.of("\u0016\u0003\u0001@\u0000" + "x".repeat(10_000), "\u0016", "")) {
      var channel = connect(new Terms(Kind.MX, Tls.IMPLICIT));
      for (int i = 0; i < 1000 && channel.isOpen(); i++) {
        channel.send(i < hello.length() ? hello.substring(i, i + 1) : "");
        channel.pass(Duration.ofSeconds(1));
      }
      assertThat(channel.isOpen()).isFalse();
      assertThat(channel.age()).isLessThan(Duration.ofSeconds(35));
    }
  }

  @Test
  void cutsWhoTricklesAHandshakeBehindStartTls() {
    var channel = connect(Terms.of(Kind.MX));
    channel.send(GREET);
    channel.send("STARTTLS\r\n");
    assertThat(channel.replies()).contains("220 2.0.0 ");
    assertThat(channel.pipeline().get(SslHandler.class)).isNotNull();
    trickle(channel, "\u0016", Duration.ofSeconds(5));
    assertThat(channel.age()).isLessThan(Duration.ofSeconds(40));
  }

  /** The header of the PROXY protocol has to be there within the time of a handshake, as a whole. */
  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"", "PROXY TCP4 192.0.2.9 192.0.2.1 40000 25\r\n",
      "PROXY UNKNOWN and so on and so on and so on",
      "\r\n\r\n\0\r\nQUIT\n!\u0011\0\u000cthe address and the ports and then"})
  void cutsWhoTricklesAProxyHeader(String header) {
    var channel = new TalkedChannel();
    opened.add(channel);
    var found = new ArrayList<Optional<InetAddress>>();
    var proxy = new Client(InetAddress.ofLiteral("192.0.2.5"), true);
    channel.pipeline().addLast(new ProxyHeader(proxy, Duration.ofSeconds(30), found::add));
    channel.pipeline().fireChannelActive();
    for (int i = 0; i < 100 && channel.isOpen(); i++) {
      channel.send(i < header.length() ? header.substring(i, i + 1) : "");
      channel.pass(Duration.ofSeconds(2));
    }
    assertThat(channel.isOpen()).isFalse();
    assertThat(channel.age()).isLessThan(Duration.ofSeconds(35));
    assertThat(found).isEmpty();
  }

  private static void trickle(TalkedChannel channel, String more, Duration every) {
    for (int i = 0; i < 10_000 && channel.isOpen(); i++) {
      channel.send(more);
      channel.pass(every);
    }
    assertThat(channel.isOpen()).isFalse();
  }

  private TalkedChannel connect(Terms terms) {
    return connect(terms, settings(SessionSettings.DEFAULT));
  }

  private TalkedChannel connect(Terms terms, InboundSettings settings) {
    var rules = InboundRules.of(settings);
    var client = new Client(InetAddress.ofLiteral("198.51.100.7"), false);
    var session = new SmtpSession(client, terms, rules, new SessionPorts(inbound.intake,
        inbound.authentication, inbound.quotas, inbound.counters));
    var channel = new TalkedChannel();
    opened.add(channel);
    if (terms.tls() == Tls.IMPLICIT) {
      handshakes.begin(channel.pipeline(), session, rules.settings().connections().handshake());
    }
    channel.pipeline()
        .addLast(new SmtpConnection(new Guest(new ConnectionGate(), ConnectionLimits.DEFAULT, _ -> session, client),
            rules.settings(), Runnable::run, handshakes,
            channel.eventLoop().ticker()));
    channel.pipeline().fireChannelActive();
    return channel;
  }

  private static InboundSettings settings(SessionSettings session) {
    var usual = Inbound.settings();
    var alice = new Account("alice@example.org", List.of(new Secret.Clear("wonderland")), List.of(), List.of(),
        List.of(), SendingLimits.NONE, true);
    var auth = new AuthSettings(List.of(Mechanism.CRAM_MD5), () -> new Accounts(List.of(alice)), Optional.empty(),
        Optional.empty(), Optional.empty(), true, AuthSettings.NONE.guard(), AuthSettings.NONE.hashing());
    return usual.with(session).with(auth);
  }
}
