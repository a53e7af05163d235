package org.posthorn.daemon.inbound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.posthorn.daemon.auth.AddressPattern;
import org.posthorn.daemon.inbound.InboundCounters.Refusal;
import org.posthorn.daemon.inbound.ListenerSettings.Kind;
import org.posthorn.daemon.inbound.SubmissionSettings.ForeignFrom;
import org.posthorn.daemon.inbound.SubmissionSettings.OverLimit;
import org.posthorn.daemon.quota.Limit;
import org.posthorn.daemon.quota.SendingLimits;

/** Clients that are trusted for where they are, within bounds: a printer that may send as one address, so much an hour. */
class LimitsTest {
  private static final String PRINTER = "203.0.113.9";
  private static final String GREET = "EHLO printer.example\n";

  private final Inbound inbound = new Inbound();

  @ParameterizedTest
  @CsvSource({"printer@example.org, 250", "alice@example.org, 553 5.7.1", "'', 250"})
  void bindsAClientToItsAddresses(String from, String reply) {
    var session = printer(SendingLimits.NONE, OverLimit.DEFER);
    session.lines(GREET);
    assertThat(session.lines("MAIL FROM:<" + from + ">\n")).startsWith(reply);
  }

  @Test
  void looksAtTheHeaderToo() {
    assertThat(send(printer(SendingLimits.NONE, OverLimit.DEFER), "boss@example.org")).startsWith("553 5.7.1");
    assertThat(send(printer(SendingLimits.NONE, OverLimit.DEFER), "printer@example.org"))
        .startsWith("250 2.0.0 Queued");
  }

  @ParameterizedTest
  @CsvSource({"DEFER, 451 4.7.1", "REJECT, 550 5.7.1"})
  void takesNoMoreMessagesThanAllowed(OverLimit over, String reply) {
    var limits = new SendingLimits(Map.of(Limit.MESSAGES_PER_HOUR, 1));
    send(printer(limits, over), "printer@example.org");
    var session = printer(limits, over);
    session.lines(GREET);
    assertThat(session.lines("MAIL FROM:<printer@example.org>\n"))
        .isEqualTo(reply + " Sending limit reached: 1 messages within one hour"
            + (over == OverLimit.DEFER ? "; try again later\n" : "\n"));
    assertThat(inbound.counters.at(Kind.MX).refusals(Refusal.CONTENT)).isOne();
    assertThat(inbound.counters.at(Kind.MX).refusals(Refusal.STORAGE)).as("the disk is well").isZero();
  }

  @Test
  void takesNoMoreRecipientsThanAllowed() {
    var session = printer(new SendingLimits(Map.of(Limit.RECIPIENTS_PER_DAY, 2)), OverLimit.DEFER);
    session.lines(GREET + "MAIL FROM:<printer@example.org>\nRCPT TO:<a@elsewhere.example>\n");
    assertThat(session.lines("RCPT TO:<b@elsewhere.example>\n")).startsWith("250");
    assertThat(session.lines("RCPT TO:<c@elsewhere.example>\n")).startsWith("451 4.7.1");
  }

  @Test
  void countsNothingThatIsNotTaken() {
    var limits = new SendingLimits(Map.of(Limit.MESSAGES_PER_HOUR, 1));
    assertThat(send(printer(limits, OverLimit.DEFER), "boss@example.org")).startsWith("553");
    assertThat(send(printer(limits, OverLimit.DEFER), "printer@example.org")).startsWith("250");
    assertThat(inbound.quotas.usage().getFirst().used()).containsEntry(Limit.MESSAGES_PER_HOUR, 1);
  }

  @Test
  void countsNothingThatAFaultOfOursHasEnded() {
    var printer = printer(new SendingLimits(Map.of(Limit.MESSAGES_PER_HOUR, 1)), OverLimit.DEFER);
    inbound.spool.failWhen(_ -> {
      throw new LinkageError("as the test wants it");
    });
    assertThatThrownBy(() -> send(printer, "printer@example.org")).isInstanceOf(LinkageError.class);
    assertThat(inbound.quotas.usage().getFirst().used()).containsEntry(Limit.MESSAGES_PER_HOUR, 0);
  }

  @Test
  void countsSessionsSideBySideAtTheEnd() {
    var limits = new SendingLimits(Map.of(Limit.MESSAGES_PER_HOUR, 1));
    var first = printer(limits, OverLimit.DEFER);
    var second = printer(limits, OverLimit.DEFER);
    String begin = GREET + "MAIL FROM:<printer@example.org>\nRCPT TO:<a@elsewhere.example>\n";
    first.lines(begin);
    second.lines(begin);
    String end = "DATA\nFrom: printer@example.org\n\nx\n.\n";
    assertThat(first.lines(end)).contains("250 2.0.0 Queued");
    assertThat(second.lines(end)).contains("451 4.7.1");
    assertThat(inbound.spool.messages()).hasSize(1);
  }

  private static String send(SpokenSession session, String author) {
    var replies = session.lines(GREET + "MAIL FROM:<printer@example.org>\nRCPT TO:<a@elsewhere.example>\nDATA\nFrom: "
        + author + "\n\nx\n.\n");
    return replies.lines().toList().getLast();
  }

  private SpokenSession printer(SendingLimits limits, OverLimit over) {
    var client = new TrustedClient("printer", NetworkSet.of(List.of(PRINTER)),
        AddressPattern.parse("printer@example.org").stream().toList(), limits);
    var all = Inbound.settings();
    return new SpokenSession(inbound,
        all.with(new RelaySettings(NetworkSet.LOOPBACK, List.of(client), Set.of()))
            .with(new SubmissionSettings(ForeignFrom.REJECT, SendingLimits.NONE, over, false)),
        PRINTER);
  }
}
