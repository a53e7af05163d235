package org.posthorn.daemon.inbound;

import java.util.OptionalLong;
import java.util.Set;
import org.posthorn.smtp.Domain;
import org.posthorn.smtp.QueueNode;

/** Mail that waits here for other servers, which may ask for it. Safe for use by many threads. */
public interface WaitingMail {
  /** None ever waits. */
  WaitingMail NONE = new NothingWaits();

  /**
   * Has delivery of what waits for {@code node} begun at once; returns how many messages that are, or none when that was done
   * a moment ago. Blocks for the index, and throws what it throws.
   */
  OptionalLong start(QueueNode node);

  /** Whether mail waits for one of {@code domains}. Blocks for the index, and throws what it throws. */
  boolean waitsFor(Set<Domain> domains);

  /** Whether somebody has come for the mail of one of {@code domains}, and is not done. */
  boolean isVisited(Set<Domain> domains);

  /** Sends what waits for {@code domains} over {@code connection}, whose other side is a server now, and closes it. Blocks. */
  void deliver(Set<Domain> domains, Turned connection);
}
