package org.posthorn.daemon.inbound;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthorn.daemon.auth.Account;
import org.posthorn.daemon.auth.Accounts;
import org.posthorn.daemon.auth.AuthSettings;
import org.posthorn.daemon.auth.GuardSettings;
import org.posthorn.daemon.auth.Mechanism;
import org.posthorn.daemon.inbound.ListenerSettings.Kind;
import org.posthorn.daemon.inbound.ListenerSettings.Terms;
import org.posthorn.daemon.quota.SendingLimits;
import org.posthorn.daemon.tls.Fingerprint;
import org.posthorn.daemon.tls.TestCertificates;
import org.posthorn.smtp.ClientAttributes;

/** XCLIENT and XFORWARD, from a front end at 192.0.2.7 that is trusted, for clients that are not. */
class FrontEndSessionTest {
  private static final String EHLO = "EHLO front.example\n";
  private static final String MESSAGE = """
                                        MAIL FROM:<s@client.example>
                                        RCPT TO:<alice@example.org>
                                        DATA
                                        Subject: x

                                        x
                                        .
                                        """;

  private final Inbound inbound = new Inbound();

  @Test
  void announcesBothToFrontEndsOnly() {
    assertThat(frontEnd().lines(EHLO)).contains(
        "250-XCLIENT NAME ADDR PORT PROTO HELO LOGIN DESTADDR DESTPORT\n",
        "250-XFORWARD NAME ADDR PORT PROTO HELO IDENT SOURCE\n");
    var other = session(SpokenSession.STRANGER);
    assertThat(other.lines(EHLO)).doesNotContain("XCLIENT", "XFORWARD");
    assertThat(other.lines("XCLIENT ADDR=192.0.2.7\nXFORWARD ADDR=192.0.2.7\n"))
        .isEqualTo("550 5.7.0 You may not speak for others\n".repeat(2));
  }

  @Test
  void putsTheClientInItsPlace() {
    var session = frontEnd();
    assertThat(session.lines(EHLO + "XCLIENT NAME=spike.example ADDR=198.51.100.9 PORT=5000 DESTPORT=25\n"))
        .endsWith("220 mx.example.org ESMTP Posthorn\n");
    assertThat(session.lines("MAIL FROM:<>\n")).as("from the beginning").startsWith("503 5.5.1");
    assertThat(session.lines("EHLO spike.example\n")).doesNotContain("XCLIENT");
    assertThat(session.lines("MAIL FROM:<>\nRCPT TO:<anyone@elsewhere.example>\n")).contains("550 5.7.1");
    session.lines("RSET\n" + MESSAGE);
    assertThat(inbound.accepted.getFirst().envelope().client()).isEqualTo("spike.example[198.51.100.9]");
    assertThat(inbound.spool.message().text()).contains("Received: from spike.example (spike.example [198.51.100.9])");
  }

  @Test
  void takesAnIpv6AddressAndAnUnknownName() {
    var session = frontEnd();
    session.lines(EHLO + "XCLIENT NAME=[tempunavail] ADDR=IPv6:2001:db8::9\nEHLO x\n" + MESSAGE);
    assertThat(inbound.accepted.getFirst().envelope().client()).isEqualTo("unknown[2001:db8::9]");
  }

  @Test
  void trustsNobodyWhoseAddressIsUnknown() {
    var session = frontEnd();
    session.lines("XCLIENT ADDR=[UNAVAILABLE]\n");
    assertThat(session.lines("EHLO x\nMAIL FROM:<>\nRCPT TO:<anyone@elsewhere.example>\n")).contains("550 5.7.1");
  }

  @Test
  void goesOnFromTheHelloThatIsPassedOn() {
    var session = frontEnd();
    session.lines("XCLIENT HELO=called.ex+41mple PROTO=smtp NAME=spike.example ADDR=198.51.100.9\n" + MESSAGE);
    assertThat(inbound.spool.message().text())
        .contains("Received: from called.exAmple (spike.example [198.51.100.9])", " with SMTP id ");
  }

  @Test
  void vouchesForALogin() {
    var session = session(SpokenSession.TRUSTED, Kind.SUBMISSION);
    assertThat(session.lines(EHLO + "MAIL FROM:<alice@example.org>\n")).contains("530 5.7.0");
    session.lines("XCLIENT ADDR=198.51.100.9 LOGIN=alice@example.org\n");
    assertThat(session.lines("EHLO x\nMAIL FROM:<alice@example.org>\nRCPT TO:<x@elsewhere.example>\n"))
        .endsWith("250 2.1.5 Recipient ok\n");
    assertThat(session.lines("RSET\nMAIL FROM:<bob@example.org>\n")).contains("553 5.7.1");
  }

  @Test
  void lendsNobodyItsCertificate() {
    var shown = TestCertificates.chain("rsa").getFirst();
    var owner = new Account("front", List.of(), List.of(Fingerprint.of(shown)), List.of(), List.of(),
        SendingLimits.NONE, true);
    var accounts = new Accounts(List.of(owner));
    var auth = new AuthSettings(List.of(Mechanism.EXTERNAL), () -> accounts, Optional.empty(), Optional.empty(),
        Optional.empty(), false, GuardSettings.DEFAULT, AuthSettings.NONE.hashing());
    var session = session(SpokenSession.TRUSTED, Kind.SUBMISSION, auth);
    session.session().encrypted(new Encryption(new FixedTlsSession(shown)));
    assertThat(session.lines(EHLO)).contains("AUTH EXTERNAL");
    session.lines("XCLIENT ADDR=198.51.100.9\n");
    assertThat(session.lines(EHLO)).doesNotContain("AUTH", "STARTTLS");
    assertThat(session.lines("AUTH EXTERNAL =\n")).startsWith("504 5.5.4");
  }

  @ParameterizedTest
  @ValueSource(strings = {"XCLIENT ADDR=198.51.100.9", "XFORWARD ADDR=198.51.100.9"})
  void hasNoPlaceWithinATransaction(String command) {
    assertThat(frontEnd().lines(EHLO + "MAIL FROM:<>\n" + command + "\n")).contains("503 5.5.1 A transaction is open");
  }

  @ParameterizedTest
  @ValueSource(strings = {"XCLIENT", "XCLIENT ADDR", "XCLIENT ADDR=", "XCLIENT ADDR=1.2.3", "XCLIENT ADDR=2001:db8::1",
      "XCLIENT ADDR=[192.0.2.1]", "XCLIENT ADDR=192.0.2.1 ADDR=192.0.2.2", "XCLIENT NAME=a..b", "XCLIENT PORT=65536",
      "XCLIENT PORT=-1", "XCLIENT PROTO=LMTP", "XCLIENT IDENT=x", "XCLIENT HELO=a+0D+0Ab", "XCLIENT HELO=a+zz",
      "XCLIENT NAME=a=b", "XFORWARD LOGIN=x", "XFORWARD SOURCE=elsewhere", "XFORWARD DESTADDR=192.0.2.1",
      "XFORWARD IDENT=+00"})
  void refusesWhatIsMalformed(String command) {
    assertThat(frontEnd().lines(EHLO + command + "\n")).endsWith("\n").contains("\n501 5.5.4 Syntax: X");
  }

  @Test
  void remembersWhatIsForwardedForOneMessage() {
    var session = frontEnd();
    assertThat(session.lines(EHLO + "XFORWARD NAME=spike.example ADDR=198.51.100.9\nXFORWARD IDENT=ABC HELO=x\n"))
        .endsWith("250 2.0.0 Ok\n250 2.0.0 Ok\n");
    assertThat(session.lines("MAIL FROM:<>\nRCPT TO:<anyone@elsewhere.example>\n")).as("trusted as before")
        .endsWith("250 2.1.5 Recipient ok\n");
    session.lines("RSET\n" + MESSAGE);
    assertThat(inbound.accepted.getFirst().envelope().client()).isEqualTo("unknown[192.0.2.7]");
  }

  @Test
  void goesOnByLmtpWhereThatIsSpoken() {
    var session = session(SpokenSession.TRUSTED, Kind.LMTP);
    session.lines("XCLIENT HELO=called.example PROTO=SMTP\n");
    assertThat(session.lines("""
                             MAIL FROM:<s@client.example>
                             RCPT TO:<alice@example.org>
                             RCPT TO:<bob@example.org>
                             DATA
                             .
                             """)).as("a reply for each recipient").containsPattern("354 .*\n250 2.*\n250 2.*\n$");
    assertThat(inbound.spool.message().text()).contains(" with LMTP id ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"EHLO x", "HELO x", "RSET", "STARTTLS", "XCLIENT PORT=1", "MAIL FROM:<>\nRSET"})
  void forgetsWhatIsForwardedWithWhateverBeginsAnew(String next) {
    var session = frontEnd();
    session.lines(EHLO + "XFORWARD NAME=spike.example ADDR=198.51.100.9\n");
    assertThat(session.client().forwarded()).isNotEqualTo(ClientAttributes.NONE);
    session.lines(next + "\n");
    if (next.equals("STARTTLS")) {
      session.session().encrypted(new Encryption(new FixedTlsSession()));
    }
    assertThat(session.client().forwarded()).isEqualTo(ClientAttributes.NONE);
  }

  /** Nobody gets to relay, and no header field is broken, whatever a front end passes on of a stranger. */
  @Test
  void survivesWhateverIsSaid() {
    var random = new Random(20261122);
    String[] names = {"NAME", "ADDR", "PORT", "PROTO", "HELO", "LOGIN", "DESTADDR", "IDENT", "SOURCE", "X", ""};
    String[] values = {"[UNAVAILABLE]", "198.51.100.9", "IPV6:::1", "+0A", "+41", "ESMTP", "25", "\u00ff", "=", "a b",
        "x".repeat(300), "[", "]", "+", ""};
    for (int round = 0; round < 3000; round++) {
      var session = frontEnd();
      var line = new StringBuilder(random.nextBoolean() ? "XCLIENT" : "XFORWARD");
      for (int i = random.nextInt(4); i >= 0; i--) {
        line.append(' ')
            .append(names[random.nextInt(names.length)])
            .append('=')
            .append(values[random.nextInt(values.length)]);
      }
      assertThat(session.lines(EHLO + line + "\n")).matches("(?s).*\n(220|250|500|501|550) [^\r\n]*\n");
    }
  }

  private SpokenSession frontEnd() {
    return session(SpokenSession.TRUSTED);
  }

  private SpokenSession session(String client) {
    return session(client, Kind.MX);
  }

  private SpokenSession session(String client, Kind kind) {
    return session(client, kind, Inbound.settings().auth());
  }

  private SpokenSession session(String client, Kind kind, AuthSettings auth) {
    var all = Inbound.settings();
    var front = NetworkSet.of(List.of(SpokenSession.TRUSTED));
    var relay = new RelaySettings(front, TrustedCertificates.NONE, List.of(), new FrontEnds(front, front), Set.of());
    return new SpokenSession(inbound, all.with(relay).with(auth), client,
        new Terms(kind, ListenerSettings.Tls.OFFERED));
  }
}
