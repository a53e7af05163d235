package org.posthorn.daemon.inbound;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.posthorn.daemon.inbound.ListenerSettings.Kind;
import org.posthorn.daemon.inbound.ListenerSettings.Terms;
import org.posthorn.daemon.inbound.ListenerSettings.Tls;

/** What a session knows of TLS and of its listener. */
class TlsSessionTest {
  private static final String GREET = "EHLO client.example\n";

  private final Inbound inbound = new Inbound();

  @Test
  void offersStartTlsUntilItIsUsed() {
    var session = on(Terms.of(Kind.MX));
    assertThat(session.lines(GREET)).contains("250-STARTTLS\n");
    assertThat(session.lines("STARTTLS\n")).isEqualTo("220 2.0.0 Start TLS\n");
    session.session().encrypted(new Encryption(new FixedTlsSession()));
    assertThat(session.lines(GREET)).doesNotContain("STARTTLS");
    assertThat(session.lines("STARTTLS\n")).startsWith("503 5.5.1 ");
  }

  @Test
  void forgetsWhatWasSaidBeforeTheHandshake() {
    var session = on(Terms.of(Kind.MX));
    session.lines(GREET + "STARTTLS\n");
    session.session().encrypted(new Encryption(new FixedTlsSession()));
    assertThat(session.lines("MAIL FROM:<s@client.example>\n")).startsWith("503 5.5.1 Send HELO or EHLO first");
  }

  @ParameterizedTest(name = "STARTTLS after {0}")
  @CsvSource(delimiter = '|', value = {"'' | 503 5.5.1 Send HELO", "EHLO x | 220", "HELO x | 220",
      "EHLO x;MAIL FROM:<s@client.example> | 503 5.5.1 A transaction is open",
      "EHLO x;MAIL FROM:<s@client.example>;RCPT TO:<alice@example.org>;BDAT 0 | 503 5.5.1 A transaction is open"})
  void startsTlsOnlyBetweenMessages(String before, String reply) {
    var session = on(Terms.of(Kind.MX));
    if (!before.isEmpty()) {
      session.lines(before.replace(";", "\n") + "\n");
    }
    assertThat(session.lines("STARTTLS\n")).startsWith(reply);
  }

  @Test
  void hangsUpOnWhoDoesNotWaitForTheHandshake() {
    var session = on(Terms.of(Kind.MX));
    assertThat(session.lines(GREET + "STARTTLS\nRSET\n"))
        .endsWith("""
                  220 2.0.0 Start TLS
                  421 4.7.0 STARTTLS must be the last command before the handshake; goodbye
                  """);
    assertThat(session.isClosed()).isTrue();
  }

  @ParameterizedTest
  @EnumSource(value = Tls.class, names = {"NONE", "IMPLICIT"})
  void hasNoStartTlsWhere(Tls tls) {
    var session = on(new Terms(Kind.MX, tls));
    assertThat(session.lines(GREET)).doesNotContain("STARTTLS");
    assertThat(session.lines("STARTTLS\n")).startsWith("502 5.5.1 ");
  }

  @ParameterizedTest
  @CsvSource({"MAIL FROM:<s@client.example>", "RCPT TO:<alice@example.org>", "DATA", "BDAT 0 LAST", "VRFY alice",
      "EXPN team"})
  void doesNothingBeforeTlsWhereItIsRequired(String command) {
    var session = on(Terms.of(Kind.SUBMISSION));
    session.lines(GREET);
    assertThat(session.lines(command + "\n")).isEqualTo("530 5.7.0 Send STARTTLS first\n");
    assertThat(session.lines("NOOP\n")).startsWith("250 ");
    assertThat(session.lines("QUIT\n")).startsWith("221 ");
  }

  @ParameterizedTest
  @CsvSource({"MAIL FROM:<s@client.example>", "RCPT TO:<alice@example.org>", "DATA", "BDAT 0 LAST", "VRFY alice"})
  void takesNoSubmissionFromWhoHasNotSaidWhoItIs(String command) {
    var session = on(Terms.of(Kind.SUBMISSIONS));
    session.session().encrypted(new Encryption(new FixedTlsSession()));
    session.lines(GREET);
    assertThat(session.lines(command + "\n")).isEqualTo("530 5.7.0 Authentication required\n");
  }

  @Test
  void takesTheOctetsOfAChunkThatItRefuses() {
    var session = on(Terms.of(Kind.SUBMISSION));
    session.lines(GREET);
    assertThat(session.send("BDAT 6 LAST\r\nQUIT\r\nNOOP\r\n")).isEqualTo("""
                                                                          530 5.7.0 Send STARTTLS first
                                                                          250 2.0.0 Ok
                                                                          """);
  }

  @Test
  void tellsOfTlsInTheTrace() {
    var session = on(Terms.of(Kind.MX));
    session.session().encrypted(new Encryption(new FixedTlsSession()));
    session.lines(GREET + "MAIL FROM:<s@client.example>\nRCPT TO:<alice@example.org>\nDATA\nx: y\n.\n");
    assertThat(inbound.spool.message().text()).startsWith("""
                                                          Received: from client.example ([192.0.2.7])
                                                          \t(using TLSv1.3 with cipher TLS_AES_128_GCM_SHA256)
                                                          \tby mx.example.org (Posthorn) with ESMTPS id \
                                                          """.replace("\n", "\r\n"))
        .contains("\r\n\tfor <alice@example.org>\r\n\ttls TLS_AES_128_GCM_SHA256;\r\n");
  }

  private SpokenSession on(Terms terms) {
    return new SpokenSession(inbound, Inbound.settings(), SpokenSession.TRUSTED, terms);
  }
}
