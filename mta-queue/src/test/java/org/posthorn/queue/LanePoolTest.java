package org.posthorn.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import org.junit.jupiter.api.Test;

class LanePoolTest {
  private static final Instant NOW = QueueFixture.START;
  private static final int MOST = 10;

  private final Site site = new Site(new Destination("example.net"), SiteLimits.DEFAULT);
  private final LanePool pool = new LanePool(_ -> true);
  private final List<String> roused = new ArrayList<>();

  @Test
  void theConnectionThatWasUsedLastIsUsedNextSoThatThoseBeyondNeedMayEnd() throws InterruptedException {
    for (int number = 0; number < 2; number++) { // two lanes open, and end their first tasks
      dispatchAnother(number);
      assertThat(site.poll(NOW)).isPresent();
    }
    site.active = 0;
    var second = lane("second", () -> dispatchAnother(2));
    var first = lane("first", () -> pool.await(second, 1));
    pool.await(first, 1);
    assertThat(roused).containsExactly("second");
  }

  private void dispatchAnother(int number) {
    site.enqueue(Work.indexed(Messages.id(number)), Map.of(new RecipientNumber(0), 0));
    assertThat(pool.dispatch(site, NOW, MOST)).isTrue();
  }

  private interface Meanwhile {
    void happens() throws InterruptedException;
  }

  private Lane lane(String name, Meanwhile meanwhile) {
    return new Lane(site, new Scene(name, meanwhile), new NoAttempts());
  }

  /** What happens while a lane waits. */
  private final class Scene implements Condition {
    private final String name;
    private final Meanwhile meanwhile;

    Scene(String name, Meanwhile meanwhile) {
      this.name = name;
      this.meanwhile = meanwhile;
    }

    @Override
    public long awaitNanos(long nanos) throws InterruptedException {
      meanwhile.happens();
      return nanos;
    }

    @Override
    public void signal() {
      roused.add(name);
    }

    @Override
    public void signalAll() {
      throw new UnsupportedOperationException();
    }

    @Override
    public void await() {
      throw new UnsupportedOperationException();
    }

    @Override
    public void awaitUninterruptibly() {
      throw new UnsupportedOperationException();
    }

    @Override
    public boolean await(long time, TimeUnit unit) {
      throw new UnsupportedOperationException();
    }

    @Override
    public boolean awaitUntil(Date deadline) {
      throw new UnsupportedOperationException();
    }
  }

  private static final class NoAttempts implements Lane.Attempts {
    @Override
    public Optional<ReadyTask.Taken> next(Lane lane) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void attempt(Lane lane, ReadyTask.Taken taken) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void ended(Lane lane) {
      throw new UnsupportedOperationException();
    }
  }
}
