package org.posthorn.daemon.inbound;

import java.util.List;
import org.posthorn.queue.QueuedMessage;
import org.posthorn.queue.Recipient;

/** Takes over messages that are safely in the spool: the way to the scheduler. Safe for use by many threads. */
public interface AcceptedMail {
  /**
   * Takes over {@code message}. Must not throw, and must not wait for long: the client waits for its 250. Seconds are right
   * where mail comes faster than it can be kept.
   *
   * @param expanded the addresses, as the sender wrote them, that aliases replaced by several others and for which
   *     NOTIFY=SUCCESS was given: each is to be reported as expanded now (RFC 3461 §5.2.7.3); mostly none
   */
  void accept(QueuedMessage message, List<Recipient> expanded);

  /** Whether so much waits to be taken over that clients should come back later. Answers at once. */
  default boolean isFull() {
    return false;
  }
}
