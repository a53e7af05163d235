package org.posthorn.queue;

import java.util.ArrayDeque;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * What is ready for one destination: the most urgent first, in turn where that is equal (RFC 6710 §5.1). So that nothing waits
 * for ever, what has been here longest comes next when four others have overtaken it. Guarded by the {@link ActiveQueue}.
 */
final class ReadyQueue {
  private static final int OVERTAKINGS = 4;

  private record Place(ReadyTask task, long turn) {}

  private final TreeMap<Integer, ArrayDeque<Place>> places = new TreeMap<>();
  private long turns;
  private int size;
  private int overtakings;

  /** Puts a task behind those that are as urgent. */
  void addLast(ReadyTask task) {
    places.computeIfAbsent(task.work().priority, _ -> new ArrayDeque<>()).addLast(new Place(task, turns++));
    size++;
  }

  /** Takes the next task; there must be one. */
  ReadyTask removeFirst() {
    int priority = places.size() == 1 ? places.firstKey() : next();
    var queue = Optional.ofNullable(places.get(priority)).orElseThrow();
    var task = queue.removeFirst().task();
    if (queue.isEmpty()) {
      places.remove(priority);
    }
    size--;
    return task;
  }

  private int next() {
    int longest = places.entrySet()
        .stream()
        .min((one, other) -> Long.compare(turn(one), turn(other)))
        .map(Map.Entry::getKey)
        .orElseThrow();
    overtakings = places.lastKey() == longest ? 0 : overtakings + 1;
    if (overtakings <= OVERTAKINGS) {
      return places.lastKey();
    }
    overtakings = 0;
    return longest;
  }

  private static long turn(Map.Entry<Integer, ArrayDeque<Place>> level) {
    return level.getValue().getFirst().turn();
  }

  /** Takes out the tasks that {@code unwanted} accepts. */
  void removeIf(Predicate<ReadyTask> unwanted) {
    for (var queue : places.values()) {
      int before = queue.size();
      queue.removeIf(place -> unwanted.test(place.task()));
      size -= before - queue.size();
    }
    places.values().removeIf(ArrayDeque::isEmpty);
  }

  int size() {
    return size;
  }

  boolean isEmpty() {
    return size == 0;
  }
}
