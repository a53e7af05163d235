package org.posthorn.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The queue with threads of its own. */
@Timeout(60)
class QueueTest {
  private static final Duration BOUND = Duration.ofSeconds(30);
  private final QueueFixture fakes = new QueueFixture();

  private Queue queue() {
    return queue(() -> QueueSettings.DEFAULT);
  }

  private Queue queue(Supplier<QueueSettings> settings) {
    return new Queue(fakes.stores, fakes.delivery, fakes.reports, settings, fakes.clock, new Random(1));
  }

  private void submit(Queue queue, String to) {
    var envelope = QueueFixture.envelope("a@example.org", Recipient.of(QueueFixture.mailbox(to)));
    queue.submit(fakes.spool.put(envelope, fakes.clock.instant(), new byte[10]));
  }

  @Test
  void deliversWhatComesInOverManyLanesAtOnce() throws Exception {
    var left = new CountDownLatch(5000);
    var running = new AtomicInteger();
    var most = new AtomicInteger();
    for (int i = 0; i < 10; i++) {
      fakes.delivery.at("site" + i + ".example", task -> {
        most.accumulateAndGet(running.incrementAndGet(), Math::max);
        left.countDown();
        running.decrementAndGet();
        return FixedDelivery.SENT.attempt(task);
      });
    }
    var queue = queue();
    queue.start();
    for (int i = 0; i < 5000; i++) {
      submit(queue, "u" + i + "@site" + i % 10 + ".example");
    }
    assertThat(left.await(BOUND.toSeconds(), TimeUnit.SECONDS)).isTrue();
    queue.close(BOUND);
    assertThat(fakes.spool.ids()).isEmpty();
    assertThat(fakes.index.all()).isEmpty();
    assertThat(most.get()).isBetween(1, 200);
  }

  @ParameterizedTest(name = "a sender <{0}> hears {1} times that an alias was expanded")
  @CsvSource({"a@example.org, 1", "'', 0"})
  void tellsOfAnExpandedAliasButNotTheNullSender(String from, int times) {
    var alias = Recipient.of(QueueFixture.mailbox("list@example.net"));
    var envelope = QueueFixture.envelope(from, Recipient.of(QueueFixture.mailbox("b@example.net")));
    queue().reportExpanded(fakes.spool.put(envelope, fakes.clock.instant(), new byte[10]), List.of(alias));
    assertThat(fakes.reports.lines()).hasSize(times);
  }

  @Test
  void deliversWhatWaitedFromBeforeTheStart() throws Exception {
    deliversWhatWaited(queue());
  }

  @Test
  void theSchedulerGoesOnAfterAnError() throws Exception {
    var isBroken = new AtomicBoolean(true);
    deliversWhatWaited(queue(() -> {
      if (Thread.currentThread().getName().equals("scheduler") && isBroken.getAndSet(false)) {
        throw new LinkageError("as the test wants it");
      }
      return QueueSettings.DEFAULT;
    }));
    assertThat(isBroken).isFalse();
  }

  private void deliversWhatWaited(Queue queue) throws InterruptedException {
    fakes.delivery.at("example.net", FixedDelivery.DEFERRED);
    fakes.submit("a@example.org", "b@example.net");
    fakes.run();
    fakes.clock.advance(Duration.ofHours(1));
    var tried = new CountDownLatch(1);
    fakes.delivery.at("example.net", task -> {
      tried.countDown();
      return FixedDelivery.SENT.attempt(task);
    });
    queue.start();
    assertThat(tried.await(BOUND.toSeconds(), TimeUnit.SECONDS)).isTrue();
    queue.close(BOUND);
    assertThat(fakes.spool.ids()).isEmpty();
  }

  @Test
  void lettingARunningAttemptFinishCountsItsOutcome() throws Exception {
    var begun = new CountDownLatch(1);
    var finish = new CountDownLatch(1);
    fakes.delivery.at("example.net", task -> {
      begun.countDown();
      finish.await();
      return FixedDelivery.SENT.attempt(task);
    });
    var queue = queue();
    queue.start();
    submit(queue, "b@example.net");
    begun.await();
    var closing = Thread.ofVirtual().start(() -> queue.close(BOUND));
    finish.countDown();
    closing.join();
    assertThat(fakes.spool.ids()).isEmpty();
  }

  @Test
  void cutsAnAttemptThatHangsAndKeepsItsMessage() throws Exception {
    var begun = new CountDownLatch(1);
    fakes.delivery.at("example.net", task -> {
      begun.countDown();
      new CountDownLatch(1).await();
      return FixedDelivery.SENT.attempt(task);
    });
    var queue = queue();
    queue.start();
    submit(queue, "b@example.net");
    begun.await();
    queue.close(Duration.ofMillis(1));
    assertThat(fakes.spool.ids()).hasSize(1);
    assertThat(fakes.index.all()).hasSize(1); // so that the next start finds it without looking through the spool
  }

  @Test
  void isBehindWhileMoreWaitsForTheIndexThanMemoryShouldHold() {
    var queue = queue();
    fakes.writes.holdBack(true);
    var nothing = new QueueIndex.Changes(List.of(), List.of(), List.of(), List.of());
    for (int i = 0; i < 100_000; i++) {
      fakes.writes.write(nothing, () -> {});
    }
    assertThat(queue.isBehind()).isFalse();
    fakes.writes.write(nothing, () -> {});
    assertThat(queue.isBehind()).isTrue();
    fakes.writes.flush();
    assertThat(queue.isBehind()).isFalse();
  }
}
