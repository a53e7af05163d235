package org.posthorn.daemon.auth;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Where passwords are hashed, and directories asked about them: on a few platform threads of their own, so that guessing takes neither all memory, at some
 * 20 MB a hash, nor the carriers of the virtual threads that mail runs on. Who waits too long is told to come back. Safe
 * for use by many threads.
 */
public final class PasswordWork implements AutoCloseable {
  private static final int MAX_WAITING = 100;

  private final ThreadPoolExecutor threads;
  private final Duration patience;

  /** Hashes at most {@code concurrency} passwords at once; who waits longer than {@code patience} gets none. */
  public PasswordWork(int concurrency, Duration patience) {
    this.patience = patience;
    threads = new ThreadPoolExecutor(concurrency, concurrency, 10, TimeUnit.SECONDS,
        new ArrayBlockingQueue<>(MAX_WAITING), Thread.ofPlatform().name("password-", 1).daemon(true).factory());
    threads.allowCoreThreadTimeOut(true);
  }

  /** Returns what {@code work} says; empty when there was no turn for it in time. */
  <T> Optional<T> run(Callable<T> work) {
    try {
      var underway = threads.submit(work);
      try {
        return Optional.of(underway.get(patience.toMillis(), TimeUnit.MILLISECONDS));
      } catch (TimeoutException _) {
        underway.cancel(false);
        return Optional.empty();
      }
    } catch (RejectedExecutionException _) {
      return Optional.empty();
    } catch (ExecutionException e) {
      throw new IllegalStateException("a password could not be checked", e);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
