package org.posthorn.queue;

/** What senders are told: writes DSNs, and keeps what those may ask who track their messages. Safe for use by many threads. */
public interface Reports {
  /**
   * Returns the DSN that tells the sender what {@code report} says. Never fails for what the message on hand looks like:
   * content that cannot be read is left out.
   */
  Dsn compose(Report report);

  /** Hears what becomes of a recipient of a message that is tracked (RFC 3885). Must not throw. */
  default void track(QueuedMessage message, RecipientNumber recipient, Fate fate) {}
}
