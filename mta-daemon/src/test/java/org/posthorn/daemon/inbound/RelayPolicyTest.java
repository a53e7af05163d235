package org.posthorn.daemon.inbound;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthorn.daemon.inbound.RelayPolicy.Decision;
import org.posthorn.queue.Recipient;
import org.posthorn.smtp.Domain;
import org.posthorn.smtp.ForwardPath;
import org.posthorn.smtp.Mailbox;
import org.posthorn.smtp.NotifyOn;
import org.posthorn.smtp.NotifyOn.Condition;
import org.posthorn.smtp.OriginalRecipient;
import org.posthorn.smtp.RcptParameters;

/** What happens to the wishes for DSNs when aliases are followed (RFC 3461 §5.2.7). */
class RelayPolicyTest {
  private static final RcptParameters SUCCESS = new RcptParameters(
      Optional.of(NotifyOn.of(Condition.SUCCESS, Condition.FAILURE)), Optional.empty());

  private final Inbound inbound = new Inbound();
  private final RelayPolicy policy = new RelayPolicy(Domain.of("mx.host.example"), Inbound.relay(),
      Inbound.local("""
                    one: alice
                    many: alice, bob, x@elsewhere.example
                    """));

  @ParameterizedTest
  @ValueSource(strings = {"Postmaster@mx.host.example", "MAILER-DAEMON@mx.host.example"})
  void thePostmasterOfTheHostIsHereThoughTheHostIsNoLocalDomain(String address) {
    var decision = policy.decide(false, new ForwardPath.To(Mailbox.of(address)), RcptParameters.NONE);
    assertThat(decision).isInstanceOf(Decision.Accept.class);
    assertThat(policy.decide(false, new ForwardPath.To(Mailbox.of("alice@mx.host.example")), RcptParameters.NONE))
        .isInstanceOf(Decision.Refuse.class);
  }

  @Test
  void passesEverythingOnToTheOnlyTargetOfAnAlias() {
    assertThat(decide("One@example.org", SUCCESS)).containsExactly(
        new Recipient(Mailbox.of("alice@example.org"), SUCCESS.notifyOn(), original("One@example.org")));
  }

  @Test
  void keepsSuccessFromTheTargetsOfALongAlias() {
    var failure = Optional.of(NotifyOn.of(Condition.FAILURE));
    assertThat(decide("many@example.org", SUCCESS)).containsExactly(
        new Recipient(Mailbox.of("alice@example.org"), failure, original("many@example.org"), Optional.empty(), true),
        new Recipient(Mailbox.of("bob@example.org"), failure, original("many@example.org"), Optional.empty(), true),
        new Recipient(Mailbox.of("x@elsewhere.example"), failure, original("many@example.org"), Optional.empty(),
            true));
  }

  @Test
  void leavesWhoWantedOnlySuccessWithNothing() {
    var onlySuccess = new RcptParameters(Optional.of(NotifyOn.of(Condition.SUCCESS)), Optional.empty());
    assertThat(decide("many@example.org", onlySuccess)).extracting(Recipient::notifyOn)
        .containsOnly(Optional.of(NotifyOn.NEVER));
  }

  @Test
  void keepsTheOriginalRecipientThatTheSenderNamed() {
    var named = new RcptParameters(Optional.empty(), Optional.of(new OriginalRecipient("rfc822", "first@a.example")));
    assertThat(decide("one@example.org", named)).extracting(Recipient::original).containsExactly(named.original());
    assertThat(decide("alice@example.org", named)).extracting(Recipient::original).containsExactly(named.original());
  }

  @Test
  void inventsNoOriginalRecipientForAPlainUser() {
    for (var same : List.of("alice@example.org", "Alice@Example.ORG")) { // RFC 3461 §6.3(d)
      assertThat(decide(same, RcptParameters.NONE)).extracting(Recipient::original).containsExactly(Optional.empty());
    }
    assertThat(decide("alice+tag@example.org", RcptParameters.NONE)).extracting(Recipient::original)
        .containsExactly(original("alice+tag@example.org"));
  }

  @Test
  void reportsAnAliasAsExpandedOnceItsMessageIsAccepted() {
    var session = new SpokenSession(inbound, Inbound.settings(), SpokenSession.STRANGER);
    session.lines("""
                  EHLO client.example
                  MAIL FROM:<s@client.example>
                  RCPT TO:<Team@example.org> NOTIFY=SUCCESS ORCPT=rfc822;all@example.org
                  RCPT TO:<forward@example.org> NOTIFY=SUCCESS
                  """);
    assertThat(inbound.expanded).isEmpty();
    session.lines("DATA\n.\n");
    assertThat(inbound.expanded).containsExactly(new Recipient(Mailbox.of("Team@example.org"),
        Optional.of(NotifyOn.of(Condition.SUCCESS)), original("all@example.org")));
  }

  private List<Recipient> decide(String to, RcptParameters parameters) {
    return switch (policy.decide(false, new ForwardPath.To(Mailbox.of(to)), parameters)) {
      case Decision.Accept(var recipients) -> recipients;
      case Decision.Refuse(var reply) -> throw new AssertionError(reply);
    };
  }

  private static Optional<OriginalRecipient> original(String address) {
    return Optional.of(new OriginalRecipient("rfc822", address));
  }
}
