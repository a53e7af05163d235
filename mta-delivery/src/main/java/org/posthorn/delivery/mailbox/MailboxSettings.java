package org.posthorn.delivery.mailbox;

import java.util.Optional;

/**
 * Where and how local mail is stored.
 *
 * @param format what a mailbox is
 * @param pathTemplate the path of a mailbox, with {@code {user}} and {@code {domain}} to be filled in, as in
 *     {@code /var/mail/{domain}/{user}}
 * @param recipientDelimiter what begins an address extension: with {@code +}, mail for {@code user+tag} goes to
 *     {@code user}; empty for no extensions
 */
public record MailboxSettings(Format format, String pathTemplate, Optional<Character> recipientDelimiter) {
  /** What a mailbox is on disk. */
  public enum Format {
    /** A directory with a file for each message. */
    MAILDIR,
    /** One file with all messages, in the mboxrd variant. */
    MBOX
  }

  public MailboxSettings {
    if (pathTemplate.isBlank()) {
      throw new IllegalArgumentException("an empty mailbox path");
    }
  }
}
