package org.posthorn.queue;

import java.util.Optional;
import org.posthorn.smtp.Mailbox;
import org.posthorn.smtp.NotifyOn;
import org.posthorn.smtp.OriginalRecipient;

/**
 * One recipient of a message.
 *
 * @param address where it goes, aliases already expanded
 * @param notifyOn when the sender wants a DSN; empty when it did not say (RFC 3461 §4.1)
 * @param original the address that the sender used: its ORCPT, or what an alias replaced (RFC 3461 §4.2, §5.2.7)
 */
public record Recipient(Mailbox address, Optional<NotifyOn> notifyOn, Optional<OriginalRecipient> original) {
  /** Returns a recipient without DSN wishes. */
  public static Recipient of(Mailbox address) {
    return new Recipient(address, Optional.empty(), Optional.empty());
  }
}
