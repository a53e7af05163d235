package org.posthorn.queue;

import java.util.ArrayDeque;
import java.util.Optional;
import java.util.concurrent.Executor;

/** Runs nothing until the test says so, and then on the test's own thread, one after the other. */
final class QueuedThreads implements Executor {
  private final ArrayDeque<Runnable> waiting = new ArrayDeque<>();
  private boolean isShort;

  @Override
  public void execute(Runnable command) {
    if (isShort) {
      throw new OutOfMemoryError("unable to create native thread");
    }
    waiting.addLast(command);
  }

  /** Lets the system have no thread left from now on, or enough again. */
  void isShort(boolean now) {
    isShort = now;
  }

  /** Runs the one that waits longest; false when there is none. */
  boolean runOne() {
    var next = Optional.ofNullable(waiting.pollFirst());
    next.ifPresent(Runnable::run);
    return next.isPresent();
  }

  /** Forgets those that did not run, as a crash does. */
  void drop() {
    waiting.clear();
  }

  int size() {
    return waiting.size();
  }
}
