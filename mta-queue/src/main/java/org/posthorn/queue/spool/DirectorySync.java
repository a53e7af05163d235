package org.posthorn.queue.spool;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Syncs one directory for many threads: those that come while a sync runs share the next one. Safe for use by many
 * threads.
 */
final class DirectorySync {
  /** One sync and those who wait for it. */
  private static final class Round {
    boolean done;
    Optional<IOException> failure = Optional.empty();
  }

  private final Disk disk;
  private final Path directory;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  @GuardedBy("lock")
  private boolean running;
  @GuardedBy("lock")
  private Round next = new Round();

  DirectorySync(Disk disk, Path directory) {
    this.disk = disk;
    this.directory = directory;
  }

  /** Returns when all that was done in the directory before this call is on stable storage. */
  void sync() throws IOException {
    var round = awaitTurn();
    if (!round.done) { // ours to do; nobody else looks at it before it is done
      lead(round);
    }
    if (round.failure.isPresent()) { // for everyone who shared it: a second sync may succeed and mean nothing
      throw new IOException("cannot sync " + directory, round.failure.get());
    }
  }

  private Round awaitTurn() {
    lock.lock();
    try {
      var round = next;
      while (running && !round.done) {
        changed.awaitUninterruptibly();
      }
      if (!round.done) {
        running = true;
        next = new Round();
      }
      return round;
    } finally {
      lock.unlock();
    }
  }

  private void lead(Round round) {
    Optional<IOException> failure = Optional.empty();
    try {
      disk.syncDirectory(directory);
    } catch (IOException e) {
      failure = Optional.of(e);
    } catch (RuntimeException | Error e) { // or all would wait for a round that never ends
      failure = Optional.of(new IOException(e));
    }
    lock.lock();
    try {
      round.failure = failure;
      round.done = true;
      running = false;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
