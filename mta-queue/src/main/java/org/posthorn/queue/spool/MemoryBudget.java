package org.posthorn.queue.spool;

import java.util.concurrent.atomic.AtomicLong;

/** A number of octets of memory that many share. Safe for use by many threads. */
final class MemoryBudget {
  private final long most;
  private final AtomicLong used = new AtomicLong();

  /** {@code most} octets can be had. */
  MemoryBudget(long most) {
    this.most = most;
  }

  /** Takes {@code bytes} octets, if they are to be had. */
  boolean tryTake(long bytes) {
    if (used.addAndGet(bytes) <= most) {
      return true;
    }
    used.addAndGet(-bytes);
    return false;
  }

  /** Gives back what was taken. */
  void giveBack(long bytes) {
    used.addAndGet(-bytes);
  }
}
