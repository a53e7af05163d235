package org.posthorn.daemon.inbound;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthorn.daemon.inbound.InboundCounters.Asked;
import org.posthorn.daemon.inbound.ListenerSettings.Kind;
import org.posthorn.daemon.inbound.ListenerSettings.Terms;
import org.posthorn.smtp.Domain;

/** ATRN (RFC 2645) up to where the roles are reversed. A front end vouches for the login. */
class AtrnTest {
  private static final String BRANCH = "XCLIENT LOGIN=branch\nEHLO x\n";

  private final Inbound inbound = new Inbound();

  @ParameterizedTest(name = "{0} -> {1}")
  @CsvSource(delimiter = '|', value = {
      "ATRN example.com | 250 2.0.0",
      "atrn EXAMPLE.COM,idle.example | 250 2.0.0",
      "ATRN idle.example | 453 4.0.0 You have no mail",
      "ATRN visited.example | 450 4.7.1",
      "ATRN example.com,other.example | 450 4.7.1",
      "ATRN a..b | 501 5.5.4",
      "ATRN example.com, idle.example | 501 5.5.4",
      "TURN | 502 5.5.1"})
  void answersAsTheStandardHasIt(String command, String reply) {
    var session = session(Kind.ODMR);
    session.lines(BRANCH);
    assertThat(session.lines(command + "\n")).startsWith(reply);
  }

  @Test
  void countsTheAnswers() {
    session(Kind.ODMR).lines(BRANCH + "ATRN idle.example\nATRN other.example\nATRN example.com\n");
    assertThat(inbound.counters.answers(Asked.ATRN_NOTHING)).isOne();
    assertThat(inbound.counters.answers(Asked.ATRN_REFUSED)).isOne();
    assertThat(inbound.counters.answers(Asked.ATRN_TURNED)).isOne();
  }

  @Test
  void wantsToKnowWhoAsks() {
    var session = session(Kind.ODMR);
    assertThat(session.lines("EHLO x\n")).endsWith("250 ATRN\n").doesNotContain("SIZE", "CHUNKING");
    assertThat(session.lines("ATRN example.com\n")).startsWith("530 5.7.0");
  }

  @Test
  void takesNoMeansAllAndKnowsWhoOwnsNothing() {
    var session = session(Kind.ODMR);
    session.lines("XCLIENT LOGIN=alice\nEHLO x\n");
    assertThat(session.lines("ATRN\n")).startsWith("450 4.7.1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"MAIL FROM:<>", "RCPT TO:<alice@example.org>", "DATA", "VRFY alice"})
  void takesNoMail(String command) {
    var session = session(Kind.ODMR);
    session.lines(BRANCH);
    assertThat(session.lines(command + "\n")).startsWith("502 5.5.1");
  }

  @Test
  void isOnlyThereOnListenersOfItsOwn() {
    var session = session(Kind.SUBMISSION);
    assertThat(session.lines(BRANCH)).doesNotContain("ATRN");
    assertThat(session.lines("ATRN example.com\n")).startsWith("502 5.5.1");
  }

  @Test
  void mailForTheDomainsIsTakenFromAnybody() {
    var session = new SpokenSession(inbound, settings(), SpokenSession.STRANGER);
    assertThat(session.lines("EHLO x\nMAIL FROM:<>\nRCPT TO:<x@idle.example>\n")).endsWith("250 2.1.5 Recipient ok\n");
  }

  private SpokenSession session(Kind kind) {
    return new SpokenSession(inbound, settings(), SpokenSession.TRUSTED, new Terms(kind, ListenerSettings.Tls.OFFERED));
  }

  private static InboundSettings settings() {
    var all = Inbound.settings();
    var front = NetworkSet.of(List.of(SpokenSession.TRUSTED));
    var relay = new RelaySettings(front, TrustedCertificates.NONE, List.of(), new FrontEnds(front, front), Set.of());
    var onDemand = new OnDemandSettings(List.of(), Set.of(), NetworkSet.ANYWHERE, Map.of("branch",
        Set.of(Domain.of("example.com"), Domain.of("idle.example"), Domain.of("visited.example"))));
    return all.with(relay).with(all.extensions().with(onDemand));
  }
}
