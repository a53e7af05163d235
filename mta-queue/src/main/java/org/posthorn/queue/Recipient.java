package org.posthorn.queue;

import java.util.Optional;
import org.posthorn.smtp.Mailbox;
import org.posthorn.smtp.NotifyOn;
import org.posthorn.smtp.OriginalRecipient;
import org.posthorn.smtp.ValidSince;

/**
 * One recipient of a message.
 *
 * @param address where it goes, aliases already expanded
 * @param notifyOn when the sender wants a DSN; empty when it did not say (RFC 3461 §4.1)
 * @param original the address that the sender used: its ORCPT, or what an alias replaced (RFC 3461 §4.2, §5.2.7)
 * @param validSince since when the mailbox must have had the same owner (RFC 7293), as far as the next hop has to see to it
 * @param isExpanded whether it is one of several that an alias leads to, of whom the sender is told nothing (RFC 3885 §3.3)
 * @param ownerField what the header says of that time
 */
public record Recipient(Mailbox address, Optional<NotifyOn> notifyOn, Optional<OriginalRecipient> original,
    Optional<ValidSince> validSince, boolean isExpanded, OwnerFields ownerField) {
  /** What becomes of the fields of the header that say since when the mailbox must have had the same owner (RFC 7293 §5.2). */
  public enum OwnerFields {
    /** There are none for this recipient. */
    NONE,
    /** They were heeded here, and go. */
    HEEDED,
    /** The next hop is to heed them; when it has RRVS it hears by that, and they go (RFC 7293 §6.1). */
    FOR_NEXT_HOP
  }

  /** A recipient of whom the header says nothing. */
  public Recipient(Mailbox address, Optional<NotifyOn> notifyOn, Optional<OriginalRecipient> original,
      Optional<ValidSince> validSince, boolean isExpanded) {
    this(address, notifyOn, original, validSince, isExpanded, OwnerFields.NONE);
  }

  /** A recipient whom the sender named, or to whom alone an alias leads. */
  public Recipient(Mailbox address, Optional<NotifyOn> notifyOn, Optional<OriginalRecipient> original) {
    this(address, notifyOn, original, Optional.empty(), false);
  }

  /** Returns the same with what the header says of its owner. */
  public Recipient with(OwnerFields fields, Optional<ValidSince> since) {
    return new Recipient(address, notifyOn, original, since, isExpanded, fields);
  }

  /** Whether the sender calls it {@code mailbox}, or it is that. */
  public boolean isMeantBy(Mailbox mailbox) {
    return address.equals(mailbox)
        || original.filter(named -> named.address().equalsIgnoreCase(mailbox.toString())).isPresent();
  }

  /** Returns a recipient without DSN wishes. */
  public static Recipient of(Mailbox address) {
    return new Recipient(address, Optional.empty(), Optional.empty());
  }
}
