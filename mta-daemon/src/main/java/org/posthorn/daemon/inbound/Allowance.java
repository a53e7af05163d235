package org.posthorn.daemon.inbound;

import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.posthorn.daemon.inbound.SubmissionSettings.OverLimit;
import org.posthorn.daemon.quota.Quotas;
import org.posthorn.daemon.quota.SendingLimits;
import org.posthorn.smtp.Mailbox;
import org.posthorn.smtp.Reply;

/** How much one client may still send: what it has logged in as has limits, or where it is. */
final class Allowance {
  /** Who is counted, and how much that one may send. */
  private record Payer(String name, SendingLimits limits) {}

  private final Client client;
  private final InboundSettings settings;
  private final Quotas quotas;

  Allowance(Client client, InboundSettings settings, Quotas quotas) {
    this.client = client;
    this.settings = settings;
    this.quotas = quotas;
  }

  /** Says why a message to {@code recipients} so far would be too much. Answers at once. */
  Optional<Reply> refusal(Supplier<List<Mailbox>> recipients) {
    return payer().flatMap(payer -> quotas.check(payer.name(), payer.limits(), recipients.get())).map(this::reply);
  }

  /** Counts a message that is complete, or says why it is too much. May write. */
  Optional<Reply> charge(List<Mailbox> recipients) {
    return payer().flatMap(payer -> quotas.charge(payer.name(), payer.limits(), recipients)).map(this::reply);
  }

  /** Takes back a message that was counted and then not taken. */
  void refund(List<Mailbox> recipients) {
    payer().ifPresent(payer -> quotas.refund(payer.name(), recipients));
  }

  private Optional<Payer> payer() {
    return client.identity()
        .map(who -> new Payer(who.login(), settings.submission().limits().overriddenBy(who.limits())))
        .or(() -> settings.relay()
            .client(client.address())
            .map(trusted -> new Payer(trusted.name(), trusted.limits())))
        .filter(payer -> payer.limits().isAny());
  }

  private Reply reply(Quotas.Exceeded exceeded) {
    return settings.submission().over() == OverLimit.DEFER
        ? Reply.of(451, "4.7.1", exceeded.text() + "; try again later")
        : Reply.of(550, "5.7.1", exceeded.text());
  }
}
