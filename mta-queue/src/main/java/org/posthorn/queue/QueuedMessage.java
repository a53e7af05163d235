package org.posthorn.queue;

import java.time.Instant;
import java.util.Optional;

/**
 * A message that is in the spool.
 *
 * @param id its name
 * @param queuedAt when we took responsibility for it
 * @param envelope what it is delivered by
 * @param contentBytes the length of its content in octets
 */
public record QueuedMessage(QueueId id, Instant queuedAt, Envelope envelope, long contentBytes) {
  /**
   * Returns when something has to happen if it is not delivered by then (RFC 2852); empty for a time that was over before it
   * came here: whoever had it then has said so.
   */
  public Optional<Instant> deadline() {
    return envelope.handling().deadline().map(Handling.Deadline::at).filter(queuedAt::isBefore);
  }
}
