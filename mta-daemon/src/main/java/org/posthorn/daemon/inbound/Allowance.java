package org.posthorn.daemon.inbound;

import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.posthorn.daemon.inbound.SubmissionSettings.OverLimit;
import org.posthorn.daemon.quota.Quotas;
import org.posthorn.daemon.quota.ScheduledMail;
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

  /** Counts a message that is complete, unless it is too much. May write. */
  Quotas.Charge charge(List<Mailbox> recipients) {
    return payer().map(payer -> quotas.charge(payer.name(), payer.limits(), recipients))
        .orElseGet(Quotas.Charge::none);
  }

  /** Returns who a message counts for that is to be sent on later: everybody who may ask for that has a quota (RFC 4865 §6). */
  String account() {
    return holder().name();
  }

  /** Says why such a message, of {@code octets} as far as the client says, would be too much. Waits for the index. */
  Optional<Reply> refusalToHold(long octets) {
    var holder = holder();
    return quotas.checkScheduled(holder.name(), holder.limits(), octets).map(Allowance::noRoom);
  }

  /** Keeps room for such a message that is complete, or tells that there is none. Waits for the index. */
  ScheduledMail.Room roomToHold(long octets) {
    var holder = holder();
    return quotas.reserve(holder.name(), holder.limits(), octets);
  }

  /** RFC 4865 §6 (4), (5); RFC 6710 has given 5.7.16 another meaning since, which no client can mistake here. */
  static Reply noRoom(Quotas.Exceeded exceeded) {
    return Reply.of(552, "5.7.16", exceeded.text() + "; send it when less is waiting");
  }

  private Optional<Payer> payer() {
    return known().filter(payer -> payer.limits().isAny());
  }

  private Optional<Payer> known() {
    return client.identity()
        .map(who -> new Payer(who.login(), settings.submission().limits().overriddenBy(who.limits())))
        .or(() -> settings.relay()
            .client(client.address())
            .map(trusted -> new Payer(trusted.name(), trusted.limits())));
  }

  private Payer holder() {
    return known().orElseGet(() -> new Payer(client.address().getHostAddress(), settings.submission().limits()));
  }

  /** Says that a message is too much. */
  Reply reply(Quotas.Exceeded exceeded) {
    return settings.submission().over() == OverLimit.DEFER
        ? Reply.of(451, "4.7.1", exceeded.text() + "; try again later")
        : Reply.of(550, "5.7.1", exceeded.text());
  }
}
