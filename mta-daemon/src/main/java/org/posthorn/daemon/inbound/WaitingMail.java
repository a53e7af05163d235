package org.posthorn.daemon.inbound;

import org.posthorn.smtp.QueueNode;

/** Mail that waits here for other servers, which may ask for it. Safe for use by many threads. */
public interface WaitingMail {
  /** None ever waits. */
  WaitingMail NONE = _ -> 0;

  /**
   * Has delivery of what waits for {@code node} begun at once; returns how many messages that are. Blocks for the index, and
   * throws what it throws.
   */
  long start(QueueNode node);
}
