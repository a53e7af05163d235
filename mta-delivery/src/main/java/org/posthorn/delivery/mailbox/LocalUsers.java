package org.posthorn.delivery.mailbox;

import org.posthorn.smtp.MailHost;

/** Who has a mailbox on this machine. Safe for use by many threads. */
@FunctionalInterface
public interface LocalUsers {
  /**
   * Whether {@code user} has a mailbox at {@code host}.
   *
   * @param user the local part in lower case, an address extension still on it or already cut off
   */
  boolean hasMailbox(String user, MailHost host);
}
