package org.posthorn.queue;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.ToIntFunction;

/**
 * Puts things together that come one by one, so that they are worked on many at a time and still few enough for the memory.
 *
 * @param most what a batch weighs at least, unless it is the last; it ends with the thing that brings it there
 * @param weight what one of them weighs
 */
record Batches<T>(int most, ToIntFunction<T> weight) {
  /** Has {@code sink} take all that {@code source} shows its visitor; no batch is empty. */
  void of(Consumer<Consumer<T>> source, Consumer<List<T>> sink) {
    var open = new Open(sink);
    source.accept(open::add);
    open.end();
  }

  private final class Open {
    private final Consumer<List<T>> sink;
    private final List<T> batch = new ArrayList<>();
    private long weighs;

    Open(Consumer<List<T>> sink) {
      this.sink = sink;
    }

    void add(T element) {
      batch.add(element);
      weighs += weight.applyAsInt(element);
      if (weighs >= most) {
        end();
      }
    }

    void end() {
      if (!batch.isEmpty()) {
        sink.accept(List.copyOf(batch));
        batch.clear();
        weighs = 0;
      }
    }
  }
}
