package org.posthorn.queue;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.posthorn.queue.QueueIndex.Told;
import org.posthorn.queue.Refills.Refill;
import org.posthorn.queue.Refills.Run;

/** Asks the index for what goes into memory next. Safe for use by many threads. */
final class DueRows {
  private final QueueIndex index;
  private final Supplier<QueueSettings> settings;

  DueRows(QueueIndex index, Supplier<QueueSettings> settings) {
    this.index = index;
    this.settings = settings;
  }

  /** Returns what {@code refill} asks for at {@code destination}, the most urgent first. */
  List<Run> of(Destination destination, Refill refill, Instant now) {
    return switch (refill.kind()) {
      case DUE -> due(destination, refill, now);
      case WORD -> Stream.of(Told.values())
          .map(told -> words(destination, refill, told))
          .map(rows -> new Run(rows, rows.size() >= refill.limit()))
          .toList();
    };
  }

  /** Returns what is due next of each priority; a fifth of the room is left to what is less urgent, if there is any. */
  private List<Run> due(Destination destination, Refill refill, Instant now) {
    var runs = new ArrayList<Run>();
    int room = refill.limit();
    var priorities = index.priorities();
    for (int priority : priorities) {
      boolean isLast = priority == priorities.getLast();
      var run = due(destination, priority, refill, Math.max(1, isLast ? room : room - room / 5));
      runs.add(run);
      room -= run.due(now);
    }
    for (int i = 0; i < runs.size() && room > 0; i++) { // there was less of the others
      int due = runs.get(i).due(now);
      if (runs.get(i).isCut() && due == runs.get(i).rows().size()) {
        room += due;
        runs.set(i, due(destination, priorities.get(i), refill, room));
        room -= runs.get(i).due(now);
      }
    }
    return runs;
  }

  private Run due(Destination destination, int priority, Refill refill, int limit) {
    var rows = index.due(destination, priority, Site.NEVER, limit, refill.leased());
    return new Run(rows, rows.size() >= limit);
  }

  /** Returns whose senders hear something next, with that moment as the time when they are due. */
  private List<QueueIndex.Row> words(Destination destination, Refill refill, Told told) {
    var retry = settings.get().retry();
    return index.oldest(destination, told, refill.limit(), refill.leased())
        .stream()
        .map(aged -> new QueueIndex.Row(aged.row().id(), aged.row().recipient(), destination,
            retry.nextWord(aged.queuedAt(), told), aged.row().attempts()))
        .toList();
  }
}
