package org.posthorn.queue;

import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * A message as its spool entry tells it.
 *
 * @param message the message
 * @param events what happened to it since, oldest first
 */
public record SpoolEntry(QueuedMessage message, List<SpoolEvent> events) {
  public SpoolEntry {
    events = List.copyOf(events);
  }

  /** Returns the recipients that are not done yet, in order. */
  public Set<RecipientNumber> pending() {
    var pending = new TreeSet<RecipientNumber>();
    IntStream.range(0, message.envelope().recipients().size()).mapToObj(RecipientNumber::new).forEach(pending::add);
    for (var event : events) {
      if (event instanceof SpoolEvent.Finished finished) {
        pending.remove(finished.recipient());
      }
    }
    return pending;
  }

  /** Whether the operator holds the message back. */
  public boolean isHeld() {
    boolean held = false;
    for (var event : events) {
      held = switch (event) {
        case SpoolEvent.Held _ -> true;
        case SpoolEvent.Released _ -> false;
        case SpoolEvent.Finished _,SpoolEvent.DelayReported _,SpoolEvent.ReleasedEarly _ -> held;
      };
    }
    return held;
  }

  /**
   * Returns when the message may be sent on, and the times of the queue begin to count for it: when it was queued, unless its
   * sender asked for later (RFC 4865) and the operator did not decide otherwise.
   */
  public Instant startsAt() {
    var release = message.envelope().handling().release();
    Instant start = message.queuedAt();
    if (release.isPresent() && release.get().at().isAfter(start)) {
      start = release.get().at();
      for (var event : events) {
        if (event instanceof SpoolEvent.ReleasedEarly(var at) && at.isBefore(start)) {
          start = at;
        }
      }
    }
    return start;
  }

  /** Whether the sender was already told that delivery to {@code recipient} takes long. */
  public boolean isDelayReported(RecipientNumber recipient) {
    return events.stream()
        .anyMatch(event -> event instanceof SpoolEvent.DelayReported(var number, _) && number.equals(recipient));
  }
}
