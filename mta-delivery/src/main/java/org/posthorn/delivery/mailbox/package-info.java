/**
 * Delivery into the mailboxes of this machine: Maildir directories and mbox files.
 *
 * <p>Start at {@link org.posthorn.delivery.mailbox.MailboxDelivery}. A message counts as delivered when it is on stable
 * storage, and never lies half in a mailbox.
 */
@NullMarked
package org.posthorn.delivery.mailbox;

import org.jspecify.annotations.NullMarked;
