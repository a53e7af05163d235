package org.posthorn.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class PlatformThreadsTest {
  private final AtomicBoolean isShort = new AtomicBoolean();
  private final PlatformThreads threads = new PlatformThreads("test", 1, () -> {
    if (isShort.get()) {
      throw new OutOfMemoryError("unable to create native thread");
    }
  });

  /** Whoever uses them knows what to do then, as when they are closed; for an error that is no exception nobody is prepared. */
  @Test
  void refuseWorkWhileTheSystemHasNoThreadForItAndDoItAgainLater() {
    isShort.set(true);
    assertThatThrownBy(() -> threads.call(() -> 1)).isInstanceOf(RejectedExecutionException.class);
    isShort.set(false);
    assertThat(threads.<Integer, RuntimeException>call(() -> 2)).isEqualTo(2);
    isShort.set(true);
    assertThat(threads.<Integer, RuntimeException>call(() -> 3)).as("by the thread that is there").isEqualTo(3);
    threads.close();
  }
}
