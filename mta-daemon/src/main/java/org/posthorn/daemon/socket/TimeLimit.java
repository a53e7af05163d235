package org.posthorn.daemon.socket;

import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Closes a connection when its time is over, whatever the other side sends or does not take; closing this lets it live. */
public final class TimeLimit implements AutoCloseable {
  private final CountDownLatch done = new CountDownLatch(1);

  private TimeLimit() {}

  /** Begins now. */
  public static TimeLimit of(Duration time, Closeable connection) {
    var limit = new TimeLimit();
    Thread.ofVirtual().name("time-limit").start(() -> limit.await(time, connection));
    return limit;
  }

  private void await(Duration time, Closeable connection) {
    try {
      if (!done.await(time.toMillis(), TimeUnit.MILLISECONDS)) {
        connection.close();
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } catch (IOException _) {
      // It is gone either way.
    }
  }

  @Override
  public void close() {
    done.countDown();
  }
}
