package org.posthorn.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.posthorn.queue.InMemorySpool.Operation;
import org.posthorn.queue.QueueControl.Mode;

/** Commands about very many messages. */
class SweepTest {
  private static final int MANY = 2_500;

  private final QueueFixture queue = new QueueFixture();
  private final QueueControl control = queue.control();

  /** Has many messages wait in the index. */
  @BeforeEach
  void queueMany() {
    queue.delivery.at("one.example", FixedDelivery.DEFERRED);
    queue.delivery.at("two.example", FixedDelivery.DEFERRED);
    IntStream.range(0, MANY)
        .forEach(i -> queue.submit("a@example.org", "u" + i + "@one.example", "u" + i + "@two.example"));
    queue.run();
    queue.clock.advance(Duration.ofSeconds(1));
  }

  @Test
  void deletesAll() {
    assertThat(control.delete(QueueFilter.ALL, Mode.DRY_RUN)).isEqualTo(MANY);
    assertThat(queue.spool.ids()).hasSize(MANY);

    assertThat(control.delete(QueueFilter.ALL, Mode.ACT)).isEqualTo(MANY);

    assertThat(queue.spool.ids()).isEmpty();
    assertThat(queue.index.all()).isEmpty();
    int inMemory = queue.scheduler.queue().inspect((_, works) -> works.size());
    assertThat(inMemory).isZero();
  }

  @Test
  void returnsAllToTheirSenders() {
    assertThat(control.bounce(QueueFilter.ALL, Mode.ACT)).isEqualTo(MANY);

    assertThat(queue.reports.all()).hasSize(MANY);
    queue.run();
    assertThat(queue.spool.ids()).isEmpty();
  }

  @Test
  void holdsReleasesAndRetriesSomeAtATime() {
    assertThat(control.hold(QueueFilter.ALL, Mode.ACT)).isEqualTo(MANY);
    assertThat(control.counts()).returns(2L * MANY, QueueCounts::held).returns(0L, QueueCounts::waiting);
    assertThat(control.retry(QueueFilter.ALL, Mode.ACT)).isZero();
    assertThat(control.release(QueueFilter.ALL, Mode.ACT)).isEqualTo(MANY);
    assertThat(control.retry(QueueFilter.ALL, Mode.ACT)).isEqualTo(MANY);

    assertThat(queue.index.mostIds()).isEqualTo(1_000);
    queue.run();
    assertThat(queue.delivery.tasks()).hasSize(4 * MANY);
  }

  @Test
  void meansNothingThatComesInMeanwhile() {
    var once = new AtomicBoolean();
    queue.writes.lookBefore(() -> {
      if (once.compareAndSet(false, true)) {
        queue.clock.advance(Duration.ofSeconds(1));
        queue.submit("a@example.org", "fresh@three.example");
      }
    });

    assertThat(control.delete(QueueFilter.ALL, Mode.ACT)).isEqualTo(MANY);

    assertThat(queue.spool.ids()).hasSize(1);
  }

  @Test
  void whatIsDoneWhenTheDiskRefusesTheRestIsInTheIndex() {
    var left = new AtomicInteger(1_200);
    queue.spool.failWhen(operation -> operation == Operation.RECORD && left.getAndDecrement() <= 0);

    assertThatThrownBy(() -> control.hold(QueueFilter.ALL, Mode.ACT)).isInstanceOf(SpoolException.class);

    queue.spool.failWhen(_ -> false);
    assertThat(queue.spool.ids().stream().filter(id -> queue.spool.read(id).orElseThrow().isHeld())).hasSize(1_200);
    assertThat(control.counts().held()).isEqualTo(2 * 1_200);
  }
}
