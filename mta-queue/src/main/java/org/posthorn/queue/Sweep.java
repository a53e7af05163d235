package org.posthorn.queue;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Goes through the messages that an operator means, however many these are: some at a time, in order of their ids. Mail that
 * comes in after the command is not meant. Used by one thread.
 */
final class Sweep {
  private static final int BATCH = 1_000;

  /** Some messages, and where those of their recipients go that are meant. */
  record Batch(List<QueueId> ids, Set<Destination> destinations) {}

  private final Predicate<QueueEntry> meant;
  private final Consumer<Batch> action;
  private final List<QueueId> ids = new ArrayList<>(BATCH);
  private final Set<Destination> destinations = new HashSet<>();
  private long count;

  private Sweep(Predicate<QueueEntry> meant, Consumer<Batch> action) {
    this.meant = meant;
    this.action = action;
  }

  /** Does {@code action} to the messages that have a recipient that {@code meant} accepts; returns how many these are. */
  static long over(QueueView view, QueueFilter filter, Instant now, Predicate<QueueEntry> meant,
      Consumer<Batch> action) {
    var sweep = new Sweep(entry -> !entry.listing().queuedAt().isAfter(now) && meant.test(entry), action);
    view.list(filter, sweep::take);
    sweep.act();
    return sweep.count;
  }

  private void take(QueueEntry entry) {
    var id = entry.listing().id();
    boolean isNext = ids.isEmpty() || !ids.getLast().equals(id);
    if (isNext && ids.size() == BATCH) {
      act();
    }
    if (meant.test(entry)) {
      if (isNext) {
        ids.add(id);
        count++;
      }
      destinations.add(entry.listing().destination());
    }
  }

  private void act() {
    if (!ids.isEmpty()) {
      action.accept(new Batch(List.copyOf(ids), Set.copyOf(destinations)));
      ids.clear();
      destinations.clear();
    }
  }
}
