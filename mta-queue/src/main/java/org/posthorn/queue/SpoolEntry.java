package org.posthorn.queue;

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
        case SpoolEvent.Finished _,SpoolEvent.DelayReported _ -> held;
      };
    }
    return held;
  }

  /** Whether the sender was already told that delivery to {@code recipient} takes long. */
  public boolean isDelayReported(RecipientNumber recipient) {
    return events.stream()
        .anyMatch(event -> event instanceof SpoolEvent.DelayReported(var number, _) && number.equals(recipient));
  }
}
