package org.posthorn.queue;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/** The lock on all of the queue that is in memory, held for microseconds and never over I/O. Safe for use by many threads. */
final class QueueLock {
  private final ReentrantLock lock = new ReentrantLock();

  /** Returns a condition that threads which hold the lock may wait for. */
  Condition newCondition() {
    return lock.newCondition();
  }

  /** Runs {@code action} with the lock held. */
  void run(Runnable action) {
    lock.lock();
    try {
      action.run();
    } finally {
      lock.unlock();
    }
  }

  /** Returns what {@code action} does, with the lock held meanwhile. */
  <T> T call(Supplier<T> action) {
    lock.lock();
    try {
      return action.get();
    } finally {
      lock.unlock();
    }
  }
}
