package org.posthorn.daemon.inbound;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.posthorn.daemon.auth.Account;
import org.posthorn.daemon.auth.AddressPattern;
import org.posthorn.daemon.inbound.SubmissionSettings.ForeignFrom;
import org.posthorn.smtp.AddressList;
import org.posthorn.smtp.Domain;
import org.posthorn.smtp.FieldCapture;
import org.posthorn.smtp.ForwardPath;
import org.posthorn.smtp.MailHost;
import org.posthorn.smtp.Mailbox;
import org.posthorn.smtp.Reply;
import org.posthorn.smtp.ReversePath;

/**
 * What one who has logged in, or is trusted within bounds, may put into envelope and header (RFC 6409 §4.2, §5.1, §6.1, §6.3, §8.1). An address with a
 * tag, as {@code alice+shop@example.org}, belongs to whom the address without it belongs to. Immutable.
 */
final class SubmissionRules {
  private static final Set<String> AUTHORS = Set.of("from", "sender");
  private static final int MAX_AUTHORS_OCTETS = 32 * 1024;

  private final List<AddressPattern> own;
  private final LocalSettings local;
  private final ForeignFrom foreignFrom;

  private SubmissionRules(List<AddressPattern> own, LocalSettings local, ForeignFrom foreignFrom) {
    this.own = own;
    this.local = local;
    this.foreignFrom = foreignFrom;
  }

  /** Returns the rules for {@code client}; none for who has neither logged in nor is bound to addresses. */
  static Optional<SubmissionRules> of(Client client, InboundSettings settings) {
    return client.identity()
        .map(who -> addresses(who.actingAs(), settings.local()))
        .or(() -> settings.relay().client(client.address()).filter(TrustedClient::isBound).map(TrustedClient::senders))
        .map(own -> new SubmissionRules(own, settings.local(), settings.submission().from()));
  }

  /** Returns what {@code account} may send as. */
  static List<AddressPattern> addresses(Account account, LocalSettings local) {
    if (!account.addresses().isEmpty()) {
      return account.addresses();
    }
    return (account.login().contains("@")
        ? Stream.of(account.login())
        : local.domains().stream().map(domain -> account.login() + "@" + domain))
        .flatMap(address -> AddressPattern.parse(address).stream())
        .toList();
  }

  /** Says why mail from {@code from} is not taken; everybody may send notices from nobody (RFC 6522, RFC 8098). */
  Optional<Reply> refusal(ReversePath from) {
    var mailbox = from.mailbox();
    if (mailbox.isPresent() && !isQualified(mailbox.get().host())) {
      return Optional.of(ServerReplies.SENDER_UNQUALIFIED);
    }
    return mailbox.isPresent() && !isOwn(mailbox.get())
        ? Optional.of(ServerReplies.NOT_YOUR_ADDRESS)
        : Optional.empty();
  }

  /** Says why mail to {@code to} is not taken. */
  Optional<Reply> refusal(ForwardPath to) {
    return switch (to) {
      case ForwardPath.Postmaster _ -> Optional.empty();
      case ForwardPath.To(var mailbox) -> isQualified(mailbox.host())
          ? Optional.empty()
          : Optional.of(ServerReplies.RECIPIENT_UNQUALIFIED);
    };
  }

  /** Returns what keeps the fields of the header that matter here. */
  static FieldCapture authors() {
    return new FieldCapture(AUTHORS, MAX_AUTHORS_OCTETS);
  }

  /**
   * Says why a message with this header is not taken.
   *
   * @param senderAdded whether {@link #senderField} could still be added
   */
  Optional<Reply> refusal(FieldCapture header, boolean senderAdded) {
    if (foreignFrom == ForeignFrom.IGNORE) {
      return Optional.empty();
    }
    var from = authors(header, "from");
    var sender = authors(header, "sender");
    if (!header.isComplete() || header.values("from").size() != 1 || header.values("sender").size() > 1) {
      return Optional.of(ServerReplies.NO_ONE_FROM); // RFC 5322 §3.6
    }
    if (!Stream.concat(from.stream(), sender.stream()).allMatch(this::isQualifiedAddress) || from.isEmpty()) {
      return Optional.of(ServerReplies.BAD_AUTHOR);
    }
    boolean isOwn = sender.stream().allMatch(this::isOwn)
        && (from.stream().allMatch(this::isOwn) || (foreignFrom == ForeignFrom.SENDER
            && (!sender.isEmpty() || senderAdded)));
    return isOwn ? Optional.empty() : Optional.of(ServerReplies.NOT_YOUR_FROM);
  }

  /** Returns the {@code Sender:} field that a message with this header lacks, with its line end; mostly nothing. */
  String senderField(FieldCapture header, ReversePath envelopeFrom) {
    boolean isLacking = foreignFrom == ForeignFrom.SENDER && header.values("sender").isEmpty()
        && !authors(header, "from").stream().allMatch(this::isOwn);
    return isLacking ? ownAddress(envelopeFrom).map(address -> "Sender: <" + address + ">\r\n").orElse("") : "";
  }

  /** Whether there is an address to name in {@code Sender:} (RFC 6409 §8.1: it must be a valid one). */
  boolean hasAddress(ReversePath envelopeFrom) {
    return ownAddress(envelopeFrom).isPresent();
  }

  private Optional<Mailbox> ownAddress(ReversePath envelopeFrom) {
    return envelopeFrom.mailbox()
        .filter(this::isOwn)
        .or(() -> own.stream()
            .filter(AddressPattern.Address.class::isInstance)
            .map(pattern -> ((AddressPattern.Address) pattern).mailbox())
            .findFirst());
  }

  private static List<String> authors(FieldCapture header, String name) {
    return header.values(name).stream().flatMap(value -> AddressList.parse(value).stream()).toList();
  }

  private boolean isQualifiedAddress(String address) {
    return Mailbox.parse(address).filter(mailbox -> isQualified(mailbox.host())).isPresent();
  }

  private boolean isOwn(String address) {
    return Mailbox.parse(address).filter(this::isOwn).isPresent();
  }

  private boolean isOwn(Mailbox mailbox) {
    return own.stream().anyMatch(pattern -> pattern.matches(mailbox, local.delimiter()));
  }

  /** RFC 6409 §4.2; the local domains are what they are called. */
  private boolean isQualified(MailHost host) {
    return !(host instanceof Domain domain) || domain.name().indexOf('.') >= 0 || local.domains().contains(domain);
  }
}
