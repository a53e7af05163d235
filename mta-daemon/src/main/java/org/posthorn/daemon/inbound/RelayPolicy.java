package org.posthorn.daemon.inbound;

import java.net.InetAddress;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import org.posthorn.queue.Recipient;
import org.posthorn.smtp.Domain;
import org.posthorn.smtp.ForwardPath;
import org.posthorn.smtp.Mailbox;
import org.posthorn.smtp.NotifyOn;
import org.posthorn.smtp.OriginalRecipient;
import org.posthorn.smtp.RcptParameters;
import org.posthorn.smtp.Reply;
import org.posthorn.smtp.ValidSince;

/**
 * May this client send to this recipient, and where does the recipient's mail go? Anyone may send to the addresses here and
 * to relay domains, trusted clients to everyone (RFC 5321 §3.6.1, §7.9). Immutable; safe for use by many threads.
 */
public final class RelayPolicy {
  /** The answer to a RCPT. */
  public sealed interface Decision {
    /**
     * Yes.
     *
     * @param recipients where the mail goes, at least one; more when an alias leads to several addresses
     */
    record Accept(List<Recipient> recipients) implements Decision {
      public Accept {
        recipients = List.copyOf(recipients);
      }
    }

    /** No, with the reply that says why. */
    record Refuse(Reply reply) implements Decision {}
  }

  private final Domain hostname;
  private final RelaySettings relay;
  private final AddressBook book;

  /**
   * Reads the aliases to their ends; throws IllegalArgumentException where one leads nowhere or in a circle.
   *
   * @param hostname our name, whose postmaster is always ours, be it a local domain or not
   */
  public RelayPolicy(Domain hostname, RelaySettings relay, LocalSettings local) {
    this.hostname = hostname;
    this.relay = relay;
    this.book = new AddressBook(local);
  }

  /** Whether a client may send to everyone. */
  public boolean isTrusted(InetAddress client) {
    return relay.isTrusted(client);
  }

  /** Whether a client may send to everyone that has shown these certificates, and has the key of the first. */
  boolean isTrusted(List<X509Certificate> shown, Instant now) {
    return relay.certificates().include(shown, now);
  }

  /** Decides on one RCPT. */
  public Decision decide(boolean trusted, ForwardPath to, RcptParameters parameters) {
    return switch (to) {
      case ForwardPath.Postmaster _ -> local("postmaster", book.findPostmaster(), parameters);
      case ForwardPath.To(var mailbox) -> decide(trusted, mailbox, parameters);
    };
  }

  private Decision decide(boolean trusted, Mailbox mailbox, RcptParameters parameters) {
    Optional<Domain> here = book.localDomain(mailbox.host());
    if (here.isPresent()) {
      // "user%elsewhere@here" is a user of that name and nothing else (RFC 5321 §2.3.11): no source routes by the back door.
      return local(mailbox.toString(), book.find(mailbox.localPart(), here.get()), parameters);
    }
    if (mailbox.host().equals(hostname) && AddressBook.isPostmaster(mailbox.localPart())) {
      return local(mailbox.toString(), book.findPostmaster(), parameters); // DSNs ask people to write there
    }
    boolean relayed = trusted || (mailbox.host() instanceof Domain domain && relay.domains().contains(domain));
    return relayed
        ? new Decision.Accept(List.of(new Recipient(mailbox, parameters.notifyOn(), parameters.original(),
            parameters.validSince(), false)))
        : new Decision.Refuse(ServerReplies.RELAY_DENIED);
  }

  private static Decision local(String asWritten, List<Mailbox> targets, RcptParameters parameters) {
    if (targets.isEmpty()) {
      return new Decision.Refuse(ServerReplies.NO_SUCH_USER);
    }
    // With several targets SUCCESS is reported once, for the alias, as "expanded" (RFC 3461 §5.2.7.3 (c)).
    Optional<NotifyOn> notifyOn = targets.size() == 1
        ? parameters.notifyOn()
        : parameters.notifyOn().map(RelayPolicy::withoutSuccess);
    var recipients = new ArrayList<Recipient>(targets.size());
    for (var target : targets) {
      recipients.add(new Recipient(target, notifyOn, original(asWritten, target, parameters),
          vouchedFor(asWritten, target, parameters), targets.size() > 1));
    }
    return new Decision.Accept(recipients);
  }

  /**
   * Whoever we vouch for may be given the message by a server that knows nothing of owners; where an alias leads, the time
   * that the sender knows of means nothing (RFC 7293 §8.2).
   */
  private static Optional<ValidSince> vouchedFor(String asWritten, Mailbox target, RcptParameters parameters) {
    return parameters.validSince()
        .filter(_ -> target.toString().equalsIgnoreCase(asWritten))
        .map(since -> new ValidSince(since.time(), Optional.of(ValidSince.Without.CONTINUE)));
  }

  /**
   * The sender is told of the address that it used, not only of where an alias led to, which it may not know. Without ORCPT RFC 3461
   * §6.3(d) forbids that in our own DSNs, while §5.2.1(d) lets us add one for the next server, whose DSNs then must tell it; like
   * Postfix we make no difference.
   */
  private static Optional<OriginalRecipient> original(String asWritten, Mailbox target, RcptParameters parameters) {
    if (parameters.original().isPresent() || target.toString().equalsIgnoreCase(asWritten)) {
      return parameters.original();
    }
    boolean ascii = asWritten.chars().allMatch(c -> c < 128);
    return Optional.of(new OriginalRecipient(ascii ? "rfc822" : "utf-8", asWritten));
  }

  private static NotifyOn withoutSuccess(NotifyOn notifyOn) {
    var rest = EnumSet.noneOf(NotifyOn.Condition.class);
    rest.addAll(notifyOn.conditions());
    rest.remove(NotifyOn.Condition.SUCCESS);
    return new NotifyOn(rest);
  }

  /** Returns {@code to} when it is an address in one of our domains. */
  Optional<Mailbox> here(ForwardPath to) {
    return to instanceof ForwardPath.To(var mailbox)
        ? book.localDomain(mailbox.host()).map(domain -> new Mailbox(mailbox.localPart(), domain))
        : Optional.empty();
  }

  /** What VRFY may say of a name or address here: 250, 251 when it is forwarded elsewhere, or 550 (RFC 5321 §3.5.3). */
  Reply verify(String who) {
    return here(who).map(this::verify).orElse(ServerReplies.NO_SUCH_USER);
  }

  private Reply verify(Mailbox mailbox) {
    var targets = book.find(mailbox.localPart(), (Domain) mailbox.host());
    if (targets.isEmpty()) {
      return ServerReplies.NO_SUCH_USER;
    }
    boolean isForwarded = targets.size() == 1 && book.localDomain(targets.getFirst().host()).isEmpty();
    return isForwarded ? ServerReplies.forwarded(targets.getFirst()) : ServerReplies.verified(mailbox);
  }

  /** What EXPN may say: where the alias {@code list} leads; empty when there is no such alias. */
  List<Mailbox> expand(String list) {
    return here(list).flatMap(mailbox -> book.findAlias(mailbox.localPart(), (Domain) mailbox.host()))
        .orElse(List.of());
  }

  /** Reads {@code alice}, {@code alice@example.org} or {@code <alice@example.org>} as an address in one of our domains. */
  private Optional<Mailbox> here(String text) {
    boolean bracketed = text.startsWith("<") && text.endsWith(">");
    String address = bracketed ? text.substring(1, text.length() - 1) : text;
    Optional<Mailbox> mailbox = address.indexOf('@') >= 0
        ? Mailbox.parse(address)
        : book.primaryDomain().flatMap(domain -> Mailbox.parse(address + "@" + domain));
    return mailbox.flatMap(m -> book.localDomain(m.host()).map(domain -> new Mailbox(m.localPart(), domain)));
  }
}
