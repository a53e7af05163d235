package org.posthorn.daemon.inbound;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.posthorn.daemon.inbound.InboundCounters.Asked;
import org.posthorn.daemon.inbound.ListenerSettings.Kind;
import org.posthorn.daemon.inbound.ListenerSettings.Terms;
import org.posthorn.daemon.inbound.ListenerSettings.Tls;
import org.posthorn.smtp.Domain;

/** ETRN (RFC 1985): two messages wait for example.com and for smtp://gate:25, the index fails for broken.example. */
class EtrnTest {
  private final Inbound inbound = new Inbound();

  @ParameterizedTest(name = "{0} -> {1}")
  @CsvSource(delimiter = '|', value = {
      "ETRN example.com | 253 2.0.0 OK, 2 pending messages for node example.com started",
      "etrn EXAMPLE.com | 253 2.0.0 OK, 2 pending messages for node example.com started",
      "ETRN @example.com | 253 2.0.0 OK, 2 pending messages for node @example.com started",
      "ETRN #smtp://gate:25 | 253 2.0.0 OK, 2 pending messages for node #smtp://gate:25 started",
      "ETRN below.example.com | 251 2.0.0 OK, no messages waiting for node below.example.com",
      "ETRN broken.example | 458 4.3.0 Unable to queue messages for node broken.example",
      "ETRN often.example | 458 4.3.0 Unable to queue messages for node often.example",
      "ETRN elsewhere.example | 459 4.7.1 Node elsewhere.example not allowed",
      "ETRN notexample.com | 459 4.7.1",
      "ETRN @com.example | 459 4.7.1",
      "ETRN #local | 459 4.7.1",
      "ETRN | 501 5.5.4",
      "ETRN localhost | 501 5.5.4",
      "ETRN a..b | 501 5.5.4",
      "ETRN # | 501 5.5.4",
      "ETRN @ | 501 5.5.4",
      "ETRN example.com x | 501 5.5.4",
      "TURN | 502 5.5.1"})
  void answersAsTheStandardHasIt(String command, String reply) {
    var session = session(SpokenSession.STRANGER);
    assertThat(session.lines("EHLO x\n")).contains("250-ETRN\n");
    assertThat(session.lines("HELP\n")).contains(" ETRN HELP\n");
    assertThat(session.lines(command + "\n")).startsWith(reply);
  }

  @Test
  void countsTheAnswers() {
    session(SpokenSession.STRANGER).lines("""
                                          EHLO x
                                          ETRN example.com
                                          ETRN below.example.com
                                          ETRN elsewhere.example
                                          ETRN often.example
                                          """);
    assertThat(inbound.counters.answers(Asked.ETRN_STARTED)).isOne();
    assertThat(inbound.counters.answers(Asked.ETRN_NOTHING)).isOne();
    assertThat(inbound.counters.answers(Asked.ETRN_REFUSED)).isEqualTo(2);
  }

  @Test
  void hasItsPlaceBetweenMessages() {
    var session = session(SpokenSession.STRANGER);
    assertThat(session.lines("ETRN example.com\n")).startsWith("503 5.5.1");
    assertThat(session.lines("EHLO x\nMAIL FROM:<>\nETRN example.com\n")).contains("503 5.5.1 A transaction is open");
  }

  @Test
  void comesBehindTlsAndAuthentication() {
    assertThat(session(SpokenSession.STRANGER, new Terms(Kind.MX, Tls.REQUIRED)).lines("EHLO x\nETRN example.com\n"))
        .contains("\n530 5.7.0");
    assertThat(session(SpokenSession.STRANGER, new Terms(Kind.SUBMISSION, Tls.OFFERED))
        .lines("EHLO x\nETRN example.com\n")).contains("\n530 5.7.0");
  }

  @Test
  void isForThoseWhoMayAskOnly() {
    var session = session("203.0.113.5");
    assertThat(session.lines("EHLO x\n")).doesNotContain("ETRN");
    assertThat(session.lines("ETRN example.com\n")).startsWith("459 4.7.1");
  }

  @Test
  void isNotThereWhenNothingWaitsForAnybody() {
    var session = new SpokenSession(inbound, Inbound.settings(), SpokenSession.TRUSTED);
    assertThat(session.lines("EHLO x\nHELP\n")).doesNotContain("ETRN");
    assertThat(session.lines("ETRN example.com\n")).startsWith("502 5.5.1");
  }

  private SpokenSession session(String client) {
    return session(client, Terms.of(Kind.MX));
  }

  private SpokenSession session(String client, Terms terms) {
    var all = Inbound.settings();
    var onDemand = new OnDemandSettings(
        List.of(Domain.of("example.com"), Domain.of("broken.example"), Domain.of("often.example")),
        Set.of("smtp://gate:25"), NetworkSet.of(List.of("198.51.100.0/24")), Map.of());
    return new SpokenSession(inbound, all.with(all.extensions().with(onDemand)), client,
        terms);
  }
}
