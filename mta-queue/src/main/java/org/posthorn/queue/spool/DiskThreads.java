package org.posthorn.queue.spool;

import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The platform threads that write and sync files, a bounded number. Callers may be virtual threads, and may be interrupted
 * while they wait: what was begun is finished before they get to know. As each caller waits for its own work, no more of
 * it queues up than there are callers.
 */
final class DiskThreads implements AutoCloseable {
  private static final int KEPT_SECONDS = 60;
  private static final int CLOSE_SECONDS = 60;

  private final ThreadPoolExecutor executor;

  DiskThreads(int count) {
    executor = new ThreadPoolExecutor(count, count, KEPT_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(),
        Thread.ofPlatform().daemon().name("spool-", 1).factory());
    executor.allowCoreThreadTimeOut(true);
  }

  /** Runs {@code work} and returns its result. */
  <T> T call(Callable<T> work) throws IOException {
    var task = new FutureTask<>(work);
    try {
      executor.execute(task);
    } catch (RejectedExecutionException e) {
      throw new IOException("the spool is closed", e);
    }
    return await(task);
  }

  private static <T> T await(FutureTask<T> task) throws IOException {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return task.get();
        } catch (InterruptedException _) {
          interrupted = true;
        }
      }
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case IOException io -> throw io;
        case RuntimeException bug -> throw bug;
        case Error error -> throw error;
        case null, default -> throw new IllegalStateException(e);
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Waits for what was begun; later calls fail. */
  @Override
  public void close() {
    executor.shutdown();
    try {
      if (!executor.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
        executor.shutdownNow();
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
