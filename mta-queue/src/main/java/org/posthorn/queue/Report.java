package org.posthorn.queue;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.posthorn.queue.Outcome.Diagnostic;

/**
 * What a DSN tells the sender of one message, at one moment, of all recipients concerned (RFC 3464).
 *
 * @param message the message reported on
 * @param content its content
 * @param lines one for each recipient reported on, at least one
 * @param at when the report is made
 */
public record Report(QueuedMessage message, MessageContent content, List<Line> lines, Instant at) {
  public Report {
    lines = List.copyOf(lines);
    if (lines.isEmpty()) {
      throw new IllegalArgumentException("a report on nobody");
    }
  }

  /** What became of a recipient (RFC 3464 §2.3.3). */
  public enum Action {
    /** It will not be delivered. */
    FAILED,
    /** It is not delivered yet. */
    DELAYED,
    /** It is in the mailbox. */
    DELIVERED,
    /** It went to a server that will not report further. */
    RELAYED,
    /** It went on to more than one address. */
    EXPANDED
  }

  /**
   * One recipient.
   *
   * @param attemptedAt when it was tried, if the report is about an attempt (RFC 3464 §2.3.7)
   * @param retryUntil when we give up, for a delayed one (RFC 3464 §2.3.9)
   */
  public record Line(RecipientNumber recipient, Action action, Diagnostic diagnostic, Optional<Instant> attemptedAt,
      Optional<Instant> retryUntil) {}
}
