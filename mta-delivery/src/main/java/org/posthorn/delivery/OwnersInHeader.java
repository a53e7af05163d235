package org.posthorn.delivery;

import java.util.List;
import java.util.Set;
import org.posthorn.queue.Envelope;
import org.posthorn.queue.Recipient.OwnerFields;
import org.posthorn.queue.Recipient;
import org.posthorn.queue.RecipientNumber;
import org.posthorn.smtp.Capabilities.Extension;
import org.posthorn.smtp.Domain;
import org.posthorn.smtp.OwnerField;

/**
 * What the header of a message says about the owners of its recipients when it goes to some of these over one connection (RFC
 * 7293 §5.2, §6.1). A field is about the one recipient that it names, and no other server is to see it.
 */
final class OwnersInHeader {
  private final Envelope envelope;
  private final List<Recipient> recipients;
  private final boolean hasRrvs;
  private final boolean isDelivery;
  private final Set<Domain> heeding;

  /** Looks at a transaction for {@code recipients}; servers of the domains {@code heeding} look for the field. */
  OwnersInHeader(Envelope envelope, List<RecipientNumber> recipients, SmtpConnection connection,
      Set<Domain> heeding) {
    this.envelope = envelope;
    this.recipients = recipients.stream().map(envelope::recipient).toList();
    this.hasRrvs = connection.capabilities().has(Extension.RRVS);
    this.isDelivery = connection.protocol() == Protocol.LMTP;
    this.heeding = heeding;
  }

  /** Whether there is anything to do: mostly not. */
  boolean isAny() {
    return envelope.recipients().stream().anyMatch(recipient -> recipient.ownerField() != OwnerFields.NONE)
        || !added().isEmpty();
  }

  /** Whether the server is not to see {@code field}. */
  boolean isGone(EditedContent.Field field) {
    return field.name().equals(OwnerField.NAME)
        && (isDelivery || OwnerField.parse(field.value()).filter(this::isGone).isPresent());
  }

  /** A field about nobody whom the message is for is not ours to take away. */
  private boolean isGone(OwnerField field) {
    return envelope.recipients().stream().anyMatch(one -> one.isMeantBy(field.mailbox()))
        && recipients.stream().noneMatch(one -> one.isMeantBy(field.mailbox()) && keepsField(one));
  }

  private boolean keepsField(Recipient recipient) {
    return switch (recipient.ownerField()) {
      case NONE, HEEDED -> false;
      case FOR_NEXT_HOP -> !hasRrvs;
    };
  }

  /** Returns the field that takes the place of the parameter, for a server that is known to heed it; mostly none. */
  String added() {
    if (hasRrvs || isDelivery || recipients.size() != 1) { // RFC 7293 §4: not for several
      return "";
    }
    var only = recipients.getFirst();
    return only.validSince()
        .filter(_ -> only.ownerField() == OwnerFields.NONE && !only.address().needsSmtpUtf8()
            && only.address().host() instanceof Domain domain && heeding.contains(domain))
        .map(since -> new OwnerField(only.address(), since.time()).text())
        .orElse("");
  }
}
