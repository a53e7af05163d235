package org.posthorn.queue;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/** Applies changes at once, or, when told to hold them back, at the next {@link #flush}. Safe for use by many threads. */
public final class HeldBackWrites implements IndexWrites {
  private record Write(QueueIndex.Changes changes, Runnable applied) {}

  private final QueueIndex index;
  private final ArrayDeque<Write> waiting = new ArrayDeque<>();
  private final ReentrantLock applying = new ReentrantLock();
  private boolean holdsBack;
  private volatile Runnable before = () -> {};

  /** Writes to {@code index}. */
  public HeldBackWrites(QueueIndex index) {
    this.index = index;
  }

  /** Holds changes back from now on, or no longer. */
  public synchronized void holdBack(boolean hold) {
    holdsBack = hold;
  }

  /** Runs {@code look} before each write from now on. */
  public void lookBefore(Runnable look) {
    before = look;
  }

  /** Forgets what was not applied yet, as a crash does. */
  public synchronized void drop() {
    waiting.clear();
  }

  @Override
  public void write(QueueIndex.Changes changes, Runnable applied) {
    before.run();
    synchronized (this) {
      waiting.add(new Write(changes, applied));
      if (holdsBack) {
        return;
      }
    }
    try {
      flush();
    } catch (StoreException _) {
      // tried again at the next write or flush
    }
  }

  @Override
  public void flush() {
    applying.lock();
    try {
      for (var write = peek(); write.isPresent(); write = peek()) {
        index.apply(write.get().changes());
        synchronized (this) {
          waiting.removeFirst();
        }
        write.get().applied().run();
      }
    } finally {
      applying.unlock();
    }
  }

  @Override
  public synchronized long backlog() {
    return waiting.size();
  }

  /** Who holds writes back on purpose waits for none. */
  @Override
  public void awaitBacklog(long changes, Duration longest) {}

  private synchronized Optional<Write> peek() {
    return Optional.ofNullable(waiting.peekFirst());
  }
}
