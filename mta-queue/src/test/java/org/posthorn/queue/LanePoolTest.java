package org.posthorn.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;

class LanePoolTest {
  private static final Instant NOW = QueueFixture.START;
  private static final int MOST = 10;
  private static final Duration LONG = Duration.ofMinutes(1);

  private final Site site = new Site(new Destination("example.net"), SiteLimits.DEFAULT);
  private final LanePool pool = new LanePool(_ -> true);
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  @Test
  void theConnectionThatWasUsedLastIsUsedNextSoThatThoseBeyondNeedMayEnd() throws InterruptedException {
    for (int number = 0; number < 2; number++) { // two lanes open, and end their first tasks
      dispatchAnother(number);
      assertThat(site.poll(NOW)).isPresent();
    }
    site.active = 0;
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      lock.lock();
      try {
        var first = waiting(threads);
        var second = waiting(threads);
        assertThat(site.idle).containsExactlyInAnyOrder(first, second);
        dispatchAnother(2);
        assertThat(site.idle).containsExactly(first);
      } finally {
        pool.close();
        lock.unlock();
      }
    }
  }

  private void dispatchAnother(int number) {
    site.enqueue(Work.indexed(Messages.id(number)), Map.of(new RecipientNumber(0), 0));
    assertThat(pool.dispatch(site, NOW, MOST)).isTrue();
  }

  /** Returns a lane that waits for a task. Call it with the lock. */
  private Lane waiting(ExecutorService threads) throws InterruptedException {
    var lane = new Lane(site, lock.newCondition(), new QueueFixture().scheduler);
    var _ = threads.submit(() -> {
      lock.lock();
      try {
        changed.signal();
        return pool.await(lane, LONG.toNanos());
      } finally {
        lock.unlock();
      }
    });
    while (!site.idle.contains(lane)) {
      changed.await();
    }
    return lane;
  }
}
