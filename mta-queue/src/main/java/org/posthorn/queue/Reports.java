package org.posthorn.queue;

/** Writes DSNs. Safe for use by many threads. */
public interface Reports {
  /**
   * Returns the DSN that tells the sender what {@code report} says. Never fails for what the message on hand looks like:
   * content that cannot be read is left out.
   */
  Dsn compose(Report report);
}
