package org.posthorn.queue;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the index in batches, on a thread of its own, a short while after the changes came. While the index fails they are
 * kept and tried again; mail is safe in the spool meanwhile. Nothing is refused here: messages that found no room in memory
 * hold no lease, so whoever takes in mail must stop while the {@link #backlog} is large.
 */
public final class IndexWriter implements IndexWrites, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(IndexWriter.class);
  private static final int MAX_BATCH = 1_000;
  private static final Duration LONGEST_RETRY = Duration.ofSeconds(30);
  /** Failures in a row that are told of once. */
  private static final int REPORT_EACH = 10;

  private record Write(QueueIndex.Changes changes, Runnable applied) {
    /** Returns how many rows this changes, about. */
    int rows() {
      return changes.added().stream().mapToInt(addition -> addition.destinations().size()).sum()
          + changes.deferred().size() + changes.finished().size() + changes.removed().size();
    }
  }

  private final QueueIndex index;
  private final Duration linger;
  private final Duration firstRetry;
  private final Thread thread;
  /** Rows of the writes that are taken and not done. */
  private final AtomicLong backlog = new AtomicLong();

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  @GuardedBy("lock")
  private final ArrayDeque<Write> pending = new ArrayDeque<>();
  /** How many writes were taken, and how many of them were done, since the start. */
  @GuardedBy("lock")
  private long taken;
  @GuardedBy("lock")
  private long done;
  /** How many writes must not wait for company. */
  @GuardedBy("lock")
  private long urgent;
  /** How often somebody asked for all to be written now. */
  @GuardedBy("lock")
  private long flushes;
  @GuardedBy("lock")
  private long failures;
  @GuardedBy("lock")
  private Optional<StoreException> lastFailure = Optional.empty();
  /** The latest attempt to write failed. */
  @GuardedBy("lock")
  private boolean isFailing;
  @GuardedBy("lock")
  private boolean closing;
  /** The thread writes no more: it was closed, or an error that is no exception ended it. */
  private volatile boolean ended;

  /** Writes to {@code index} 50 ms after the first change of a batch, and tries again after 1 s when that fails. */
  public IndexWriter(QueueIndex index) {
    this(index, Duration.ofMillis(50), Duration.ofSeconds(1));
  }

  /**
   * Writes to {@code index}.
   *
   * @param linger how long a change waits for others to come
   * @param firstRetry how soon a batch that failed is tried again; twice as long each time, at most 30 s
   */
  public IndexWriter(QueueIndex index, Duration linger, Duration firstRetry) {
    this.index = index;
    this.linger = linger;
    this.firstRetry = firstRetry;
    this.thread = Thread.ofPlatform()
        .daemon()
        .name("index-batches")
        .uncaughtExceptionHandler((_, e) -> log.atError().setCause(e).log("the index is written no more; restart"))
        .start(this::run);
  }

  @Override
  public void write(QueueIndex.Changes changes, Runnable applied) {
    lock.lock();
    try {
      if (closing || ended) {
        return; // the next start tells the index what it does not know
      }
      var write = new Write(changes, applied);
      backlog.addAndGet(write.rows());
      pending.add(write);
      taken++;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void flush() {
    lock.lock();
    try {
      long upTo = taken;
      long failuresBefore = failures;
      urgent = Math.max(urgent, upTo);
      flushes++;
      changed.signalAll();
      while (done < upTo && failures == failuresBefore && !ended) {
        changed.awaitUninterruptibly();
      }
      if (done < upTo) {
        throw new StoreException("the index is not up to date",
            lastFailure
                .orElseGet(() -> new StoreException("the index is written no more", new IllegalStateException())));
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public long backlog() {
    return ended ? Long.MAX_VALUE : backlog.get();
  }

  @Override
  public void awaitBacklog(long changes, Duration longest) {
    if (backlog.get() <= changes) {
      return;
    }
    lock.lock();
    try {
      urgent = Math.max(urgent, taken);
      changed.signalAll();
      long left = longest.toNanos();
      while (backlog.get() > changes && left > 0 && !isFailing && !ended) {
        left = changed.awaitNanos(left);
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
  }

  /** Writes what is left, and ends. Throws {@link StoreException} when that fails: the next start must look closer. */
  @Override
  public void close() {
    lock.lock();
    try {
      closing = true;
    } finally {
      lock.unlock();
    }
    try {
      flush();
    } finally {
      thread.interrupt(); // it only waits: H2 itself runs on threads that are not interrupted
    }
  }

  private void run() {
    try {
      while (true) {
        var batch = nextBatch();
        apply(batch);
        batch.forEach(IndexWriter::tell);
        finished(batch);
      }
    } catch (InterruptedException _) { // closed
    } finally {
      ended();
    }
  }

  private List<Write> nextBatch() throws InterruptedException {
    lock.lock();
    try {
      while (pending.isEmpty()) {
        changed.await();
      }
      long nanos = linger.toNanos();
      while (nanos > 0 && urgent <= done && pending.size() < MAX_BATCH) {
        nanos = changed.awaitNanos(nanos);
      }
      return takeBatch();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Takes writes whose order within one batch does not matter. A batch applies additions first, so one of a message that
   * an earlier write of the batch touches has to wait for the next.
   */
  @GuardedBy("lock")
  private List<Write> takeBatch() {
    var batch = new ArrayList<Write>();
    var touched = new HashSet<QueueId>();
    while (!pending.isEmpty() && batch.size() < MAX_BATCH) {
      var changes = pending.element().changes();
      if (changes.added().stream().anyMatch(addition -> touched.contains(addition.entry().message().id()))) {
        break;
      }
      changes.added().forEach(addition -> touched.add(addition.entry().message().id()));
      changes.deferred().forEach(deferral -> touched.add(deferral.id()));
      changes.finished().forEach(finish -> touched.add(finish.id()));
      touched.addAll(changes.removed());
      batch.add(pending.remove());
    }
    return batch;
  }

  private void apply(List<Write> batch) throws InterruptedException {
    var changes = merge(batch);
    Duration retry = firstRetry;
    for (int attempt = 1;; attempt++) {
      long flushesSeen;
      try {
        index.apply(changes);
        if (attempt > 1) {
          log.atInfo().addKeyValue("attempts", attempt).log("the index works again");
        }
        return;
      } catch (StoreException e) {
        report(e, attempt);
        flushesSeen = failed(e);
      } catch (RuntimeException e) { // a bug: keep the thread, and whatever else can be written
        report(e, attempt);
        flushesSeen = failed(new StoreException("cannot write the index", e));
      }
      awaitRetry(retry, flushesSeen);
      retry = retry.multipliedBy(2).compareTo(LONGEST_RETRY) < 0 ? retry.multipliedBy(2) : LONGEST_RETRY;
    }
  }

  /** Tells of the first failure, and every five minutes or so of one that does not end. */
  private static void report(RuntimeException failure, int attempt) {
    if (attempt == 1) {
      log.atError().setCause(failure).log("cannot write the index; mail is safe, and this is tried again");
    } else if (attempt % REPORT_EACH == 0) {
      log.atError()
          .addKeyValue("attempts", attempt)
          .setCause(failure)
          .log(
              "still cannot write the index; mail is safe in the spool, and a restart makes a damaged index anew from it");
    }
  }

  /** Makes one batch of many writes; of a message that is removed only the removal is left. */
  private static QueueIndex.Changes merge(List<Write> batch) {
    Set<QueueId> removed = new HashSet<>();
    batch.forEach(write -> removed.addAll(write.changes().removed()));
    var all = batch.stream().map(Write::changes).toList();
    return new QueueIndex.Changes(
        all.stream()
            .flatMap(changes -> changes.added().stream())
            .filter(addition -> !removed.contains(addition.entry().message().id()))
            .toList(),
        all.stream()
            .flatMap(changes -> changes.deferred().stream())
            .filter(deferral -> !removed.contains(deferral.id()))
            .toList(),
        all.stream()
            .flatMap(changes -> changes.finished().stream())
            .filter(finish -> !removed.contains(finish.id()))
            .toList(),
        List.copyOf(removed));
  }

  private static void tell(Write write) {
    try {
      write.applied().run();
    } catch (RuntimeException e) {
      log.atError().setCause(e).log("a bug where index changes are waited for");
    }
  }

  private void finished(List<Write> batch) {
    backlog.addAndGet(-batch.stream().mapToLong(Write::rows).sum());
    lock.lock();
    try {
      done += batch.size();
      isFailing = false;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Nobody may wait for a thread that is gone, nor may more be left to it. */
  private void ended() {
    lock.lock();
    try {
      ended = true;
      pending.clear();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Tells all who wait of a failure, and returns how often it was asked for a flush so far. */
  private long failed(StoreException failure) {
    lock.lock();
    try {
      failures++;
      isFailing = true;
      lastFailure = Optional.of(failure);
      changed.signalAll();
      return flushes;
    } finally {
      lock.unlock();
    }
  }

  /** Waits, but not when somebody asks for a flush now: he should know soon whether it works again. */
  private void awaitRetry(Duration retry, long flushesSeen) throws InterruptedException {
    lock.lock();
    try {
      long nanos = retry.toNanos();
      while (nanos > 0 && flushes == flushesSeen) {
        nanos = changed.awaitNanos(nanos);
      }
    } finally {
      lock.unlock();
    }
  }
}
