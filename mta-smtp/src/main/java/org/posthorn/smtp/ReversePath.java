package org.posthorn.smtp;

import java.util.Optional;

/**
 * Where failures are reported to: the argument of MAIL FROM, empty for the null sender {@code <>} (RFC 5321 §4.5.5).
 */
public record ReversePath(Optional<Mailbox> mailbox) {
  /** The null sender, which every DSN has. */
  public static final ReversePath NULL = new ReversePath(Optional.empty());

  /** Returns the path that leads back to {@code mailbox}. */
  public static ReversePath of(Mailbox mailbox) {
    return new ReversePath(Optional.of(mailbox));
  }

  /** Whether this is the null sender, to whom nothing may be reported. */
  public boolean isNull() {
    return mailbox.isEmpty();
  }

  /** Returns the address without angle brackets; empty text for the null sender. */
  @Override
  public String toString() {
    return mailbox.map(Mailbox::toString).orElse("");
  }
}
