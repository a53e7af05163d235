package org.posthorn.queue.spool;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives messages that stay in the journal files of their own, so that the journal does not grow with the queue: those that
 * wait for another attempt, those whose first attempt takes long, and those that keep an old segment from being deleted.
 */
final class JournalMover implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(JournalMover.class);
  /** Rounds that a message stays that waits for another attempt: a burst of mail has passed by then. */
  private static final int PATIENCE = 5;
  /** Rounds that any message stays. */
  private static final int LONGEST = 30;
  /** Segments that are kept for the sake of messages under way. */
  private static final int SEGMENTS = 8;
  private static final int AT_ONCE = 1_000;
  /** Messages moved in a round while many come in: what can wait leaves the disk to them. */
  private static final int ASIDE = 250;
  /** As many in a round are many. */
  private static final int MANY = 100;
  private static final Comparator<JournalEntry> BY_AGE = Comparator.comparing(entry -> entry.id);
  /** Messages that wait for the disk at the same time. */
  private static final int WAITING = 32;

  private final Journal journal;
  private final EntryFiles files;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final CountDownLatch ended = new CountDownLatch(1);
  private final AtomicBoolean isFailing = new AtomicBoolean();
  private volatile boolean isShort;
  private volatile boolean isClosing;

  JournalMover(Journal journal, FileSpool spool) {
    this.journal = journal;
    this.files = spool.files();
    Thread.ofPlatform().name("journal-mover").daemon().start(this::run);
  }

  /** Moves at once what can be moved, if the journal is filling up. */
  void hurryWhenShort() {
    if (!isShort && journal.isHalfFull()) {
      lock.lock();
      try {
        isShort = true;
        changed.signal();
      } finally {
        lock.unlock();
      }
    }
  }

  private void run() {
    try {
      while (!isClosing) {
        pause();
        round();
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException("nobody has this thread to interrupt it", e);
    } finally {
      ended.countDown();
    }
  }

  private void pause() throws InterruptedException {
    lock.lock();
    try {
      long nanos = journal.settings().timing().round().toNanos();
      while (!isShort && !isClosing && nanos > 0) {
        nanos = changed.awaitNanos(nanos);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Looks through the journal once, moves what it is time for, and deletes what is of no use any more. */
  void round() {
    try {
      boolean hurry = isClosing || journal.isHalfFull();
      move(due(hurry));
      isShort = false;
      journal.trim();
    } catch (IOException | RuntimeException | Error e) { // without this thread the journal would fill up
      complain(e);
    }
  }

  private List<JournalEntry> due(boolean hurry) {
    var oldest = journal.oldestOfMoreThan(SEGMENTS);
    var due = new ArrayList<JournalEntry>();
    var others = new ArrayList<JournalEntry>();
    for (var entry : journal.entries()) {
      entry.rounds++;
      boolean isDue = entry.rounds > LONGEST || (entry.isRetained && (hurry || entry.rounds > PATIENCE))
          || oldest.filter(entry.place.segment()::equals).isPresent();
      (isDue ? due : others).add(entry);
    }
    due.sort(BY_AGE);
    if (journal.takeStored() > MANY && !hurry && due.size() > ASIDE) {
      return due.subList(0, ASIDE);
    }
    if (hurry && due.isEmpty()) { // all are under way, and take long
      others.sort(BY_AGE);
      due.addAll(others.subList(0, Math.min(AT_ONCE, others.size())));
    }
    return due;
  }

  private void move(List<JournalEntry> entries) {
    try (var waiting = Executors.newFixedThreadPool(WAITING, Thread.ofVirtual().name("journal-move-", 0).factory())) {
      for (var entry : entries) {
        waiting.execute(() -> move(entry));
      }
    }
  }

  private void move(JournalEntry entry) {
    try {
      journal.move(entry, files);
      isFailing.set(false);
    } catch (IOException | RuntimeException | Error e) {
      complain(e);
    }
  }

  private void complain(Throwable e) {
    if (isFailing.compareAndSet(false, true)) {
      log.atError().setCause(e).log("cannot give messages in the journal files of their own");
    }
  }

  /** Ends, when all that is in the journal has been moved that can be. */
  @Override
  public void close() {
    lock.lock();
    try {
      isClosing = true;
      changed.signal();
    } finally {
      lock.unlock();
    }
    try {
      ended.await(60, TimeUnit.SECONDS);
      var rest = new ArrayList<JournalEntry>();
      journal.entries().forEach(rest::add);
      move(rest);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt(); // in a hurry: the next start finds it in the journal
    }
  }
}
