package org.posthorn.queue;

import java.util.Collection;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/** Does the same to many things, each on a virtual thread of its own. */
final class SideBySide {
  private SideBySide() {}

  /** Does {@code action} to each of {@code things}, and throws what one of them threw when all have come to their end. */
  static <T> void run(Collection<T> things, Consumer<T> action) {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var all = things.stream().<Future<?>>map(thing -> threads.submit(() -> action.accept(thing))).toList();
      for (var one : all) {
        one.get();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SpoolException("interrupted", e);
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case RuntimeException failure -> throw failure;
        case Error failure -> throw failure;
        case null, default -> throw new IllegalStateException(e);
      }
    }
  }
}
