package org.posthorn.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Errors that are no exceptions, as when a class cannot be loaded: no mail may have to wait for a restart. */
class SchedulerErrorTest {
  private final QueueFixture queue = new QueueFixture();

  @Test
  void asksTheIndexAgainForADestination() {
    queue.delivery.at("example.net", FixedDelivery.DEFERRED);
    queue.delivery.at("example.com", FixedDelivery.DEFERRED);
    queue.submit("a@example.org", "b@example.net", "c@example.com");
    queue.run();
    queue.delivery.at("example.net", FixedDelivery.SENT);
    queue.delivery.at("example.com", FixedDelivery.SENT);
    queue.clock.advance(Duration.ofMinutes(5));
    queue.index.failOnce(new LinkageError("as the test wants it"));
    queue.run();
    queue.pass(Duration.ofSeconds(5), Duration.ofSeconds(1));
    assertThat(queue.spool.ids()).isEmpty();
  }

  @Test
  void recordsLaterWhatBecameOfAMessage() {
    queue.spool.failWhen(operation -> {
      if (operation == InMemorySpool.Operation.REMOVE) {
        throw new LinkageError("as the test wants it");
      }
      return false;
    });
    queue.submit("a@example.org", "b@example.net");
    queue.run();
    queue.spool.failWhen(_ -> false);
    queue.pass(Duration.ofSeconds(10), Duration.ofSeconds(1));
    assertThat(queue.delivery.tried()).containsExactly("b@example.net");
    assertThat(queue.spool.ids()).isEmpty();
  }

  /** As for want of memory that is not of the heap; want of heap ends the process. */
  @Test
  void triesAgainWhatTheMachineHadNoMeansFor() {
    queue.delivery.at("example.net", _ -> {
      throw new InternalError("as the test wants it"); // JUnit ends all tests for OutOfMemoryError
    });
    queue.submit("a@example.org", "b@example.net");
    queue.run();
    queue.delivery.at("example.net", FixedDelivery.SENT);
    queue.pass(Duration.ofMinutes(5), Duration.ofMinutes(1));
    assertThat(queue.spool.ids()).isEmpty();
  }
}
