package org.posthorn.queue;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A bounded number of platform threads that nobody interrupts, for work on files and databases, which an interrupt would
 * close for everyone. Callers may be virtual threads, and may be interrupted while they wait: what was begun is finished
 * before they get to know. As each caller waits for its own work, no more of it queues up than there are callers.
 */
public final class PlatformThreads implements AutoCloseable {
  private static final int KEPT_SECONDS = 60;
  private static final Duration LONGEST_CLOSE = Duration.ofSeconds(60);

  /** What a thread does for its caller. */
  @FunctionalInterface
  public interface Work<T, X extends Exception> {
    /** Does it. */
    T run() throws X;
  }

  private final ThreadPoolExecutor executor;

  /** Prepares {@code count} threads called {@code name-1} and so on; one that has nothing to do ends after a minute. */
  public PlatformThreads(String name, int count) {
    this(name, count, () -> {});
  }

  /** The same; {@code before} comes before each new thread, and may throw as a system does that has none left. */
  PlatformThreads(String name, int count, Runnable before) {
    var started = new AtomicInteger();
    executor = new ThreadPoolExecutor(count, count, KEPT_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(),
        task -> {
          before.run();
          return new Worker(task, name + "-" + started.incrementAndGet());
        });
    executor.allowCoreThreadTimeOut(true);
  }

  private final class Worker extends Thread {
    Worker(Runnable task, String name) {
      super(task, name);
      setDaemon(true);
    }

    boolean isOf(PlatformThreads pool) {
      return pool == PlatformThreads.this;
    }
  }

  /**
   * Runs {@code work} and returns its result, or throws what it throws; RejectedExecutionException after {@link #close},
   * and while the system has no thread left. Work that calls for more work does it on its own thread: were each to wait
   * for another, none would be left.
   */
  public <T, X extends Exception> T call(Work<T, X> work) throws X {
    if (Thread.currentThread() instanceof Worker worker && worker.isOf(this)) {
      return work.run();
    }
    var job = new Job<T, X>(work);
    begin(job);
    return job.await();
  }

  private void begin(Job<?, ?> job) {
    try {
      executor.execute(job);
    } catch (OutOfMemoryError e) { // when the system refuses a thread; when the heap does, the process ends
      boolean _ = executor.remove(job); // its caller hears that it is not done
      throw new RejectedExecutionException("there is no thread to be had", e);
    }
  }

  private static final class Job<T, X extends Exception> implements Runnable {
    private final Work<T, X> work;
    private final CountDownLatch done = new CountDownLatch(1);
    private Optional<T> result = Optional.empty();
    private Optional<Throwable> failure = Optional.empty();

    Job(Work<T, X> work) {
      this.work = work;
    }

    @Override
    public void run() {
      try {
        result = Optional.of(work.run());
      } catch (Throwable e) { // an Error too must reach the one who waits
        failure = Optional.of(e);
      } finally {
        done.countDown();
      }
    }

    @SuppressWarnings("unchecked")
    T await() throws X {
      awaitUninterruptibly(done);
      if (failure.isPresent()) {
        switch (failure.get()) {
          case RuntimeException bug -> throw bug;
          case Error error -> throw error;
          case Throwable expected -> throw (X) expected; // work can throw no other
        }
      }
      return result.orElseThrow();
    }
  }

  /** Waits for {@code done}; an interrupt is kept for later: what was begun is finished before the caller gets to know. */
  public static void awaitUninterruptibly(CountDownLatch done) {
    boolean interrupted = false;
    while (true) {
      try {
        done.await();
        break;
      } catch (InterruptedException _) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Waits for what was begun, at most a minute; later calls fail. */
  @Override
  public void close() {
    executor.shutdown();
    boolean interrupted = false;
    while (true) {
      try {
        executor.awaitTermination(LONGEST_CLOSE.toSeconds(), TimeUnit.SECONDS);
        break;
      } catch (InterruptedException _) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
