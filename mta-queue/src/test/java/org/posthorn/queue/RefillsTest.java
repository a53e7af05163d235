package org.posthorn.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class RefillsTest {
  private static final int DESTINATIONS = 400;
  private static final int MEMORY = 100;

  private final QueueFixture queue = new QueueFixture();

  /** Has five recipients wait for each of many destinations, all due. */
  private void queueForMany() {
    queue.settings.updateAndGet(now -> new QueueSettings(now.retry(), now.sites(), now.lanes(), 10, MEMORY,
        now.laneIdle(), now.doubleBouncesTo()));
    for (int i = 0; i < 5 * DESTINATIONS; i++) {
      queue.spool.put(QueueFixture.envelope("a@example.org",
          Recipient.of(QueueFixture.mailbox("u" + i + "@d" + i % DESTINATIONS + ".example"))), queue.clock.instant(),
          new byte[9]);
    }
    queue.restart();
  }

  @Test
  void memoryHoldsABoundedPartHoweverManyDestinationsThereAre() {
    queueForMany();
    for (int i = 0; i < 10; i++) {
      queue.scheduler.step();
      assertThat(inMemory()).isBetween(MEMORY, 2 * MEMORY);
      queue.clock.advance(Duration.ofSeconds(1));
    }
  }

  @Test
  void everyDestinationHasItsTurn() {
    queueForMany();

    queue.run();

    assertThat(queue.delivery.tried()).hasSize(5 * DESTINATIONS).doesNotHaveDuplicates();
    assertThat(queue.spool.ids()).isEmpty();
    assertThat(inMemory()).isZero();
    int known = queue.scheduler.queue().inspect((sites, _) -> sites.size());
    assertThat(known).isZero();
  }

  private int inMemory() {
    return queue.scheduler.queue()
        .inspect((_, works) -> works.values().stream().mapToInt(work -> work.leases.size()).sum());
  }
}
