package org.posthorn.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of much mail for a destination that does not answer: nothing, until it does or a sender must hear of it. */
class BackOffTest {
  private static final int MANY = 1_000;

  private final QueueFixture queue = new QueueFixture();

  /** Has much mail due in the index for a destination that does not answer. */
  @BeforeEach
  void queueMuchMail() {
    queue.delivery.at("dead.example", FixedDelivery.UNREACHED);
    IntStream.range(0, MANY)
        .forEach(
            i -> queue.spool.put(QueueFixture.envelope("a@example.org", to(i)), queue.clock.instant(), new byte[9]));
    queue.restart();
  }

  private static Recipient to(int number) {
    return Recipient.of(QueueFixture.mailbox("u" + number + "@dead.example"));
  }

  @Test
  void aBackOffWritesNoRowsAndReadsNoEntries() {
    queue.run();

    assertThat(queue.delivery.tasks()).hasSize(3);
    assertThat(queue.index.deferrals()).isEqualTo(3);
    assertThat(queue.spool.reads()).isLessThan(MANY + 10L); // once each by the restart
    assertThat(inMemory()).isZero();

    queue.pass(Duration.ofMinutes(6), Duration.ofMinutes(1));
    assertThat(queue.delivery.tasks()).hasSize(4);
    assertThat(queue.index.deferrals()).isEqualTo(4);
    assertThat(inMemory()).isZero();
  }

  @Test
  void theSchedulerSleepsWhileADestinationBacksOff() {
    queue.run();

    assertThat(looksAgain()).isEqualTo(QueueFixture.START.plus(Duration.ofMinutes(5)));
  }

  @Test
  void allGoesWhenTheDestinationAnswersAgain() {
    queue.run();
    queue.delivery.at("dead.example", FixedDelivery.SENT);

    queue.pass(Duration.ofMinutes(12), Duration.ofMinutes(1));

    assertThat(queue.spool.ids()).isEmpty();
    assertThat(queue.delivery.tasks()).hasSize(MANY + 3);
  }

  @Test
  void eachSenderHearsOfTheDelayAndOfTheEndInTime() {
    queue.run();
    queue.pass(Duration.ofHours(4).minusMinutes(1), Duration.ofMinutes(1));
    assertThat(queue.reports.all()).isEmpty();

    queue.pass(Duration.ofMinutes(1), Duration.ofMinutes(1));
    assertThat(queue.reports.all()).hasSize(MANY)
        .allSatisfy(report -> assertThat(report.at()).isEqualTo(QueueFixture.START.plus(Duration.ofHours(4))));

    queue.pass(Duration.ofDays(5), Duration.ofMinutes(10));
    assertThat(queue.reports.all()).hasSize(2 * MANY);
    assertThat(queue.reports.all().subList(MANY, 2 * MANY))
        .allSatisfy(report -> assertThat(report.at()).isEqualTo(QueueFixture.START.plus(Duration.ofDays(5))));
    assertThat(queue.spool.ids()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a@example.org"})
  void mailThatExpiresWithinABackOffExpiresThen(String sender) {
    queue.settings.updateAndGet(now -> new QueueSettings(
        new RetrySchedule(Duration.ofMinutes(5), Duration.ofHours(4), 0, Duration.ofMinutes(62), Duration.ofMinutes(62),
            Duration.ZERO),
        now.sites(), now.lanes(), now.readyRecipients(), now.memoryRecipients(), now.laneIdle(),
        now.doubleBouncesTo()));
    queue.run();
    queue.pass(Duration.ofMinutes(50), Duration.ofMinutes(1));
    var late = queue.submit(sender, "late@dead.example");
    queue.pass(Duration.ofMinutes(11), Duration.ofMinutes(1));
    assertThat(queue.spool.ids()).hasSize(MANY + 1);

    queue.pass(Duration.ofMinutes(1), Duration.ofMinutes(1));
    assertThat(queue.spool.ids()).containsExactly(late.id());
    queue.pass(Duration.ofMinutes(49), Duration.ofMinutes(1));
    assertThat(queue.spool.ids()).containsExactly(late.id());
    queue.pass(Duration.ofMinutes(1), Duration.ofMinutes(1));
    assertThat(queue.spool.ids()).isEmpty();
  }

  @Test
  void theOperatorSeesWhyAndUntilWhen() {
    queue.run();

    var seen = new ArrayList<QueueEntry>();
    queue.control().list(QueueFilter.ALL, seen::add);

    assertThat(seen).hasSize(MANY).allSatisfy(entry -> {
      assertThat(entry.state()).isEqualTo(QueueEntry.State.DEFERRED);
      assertThat(entry.site()).isEqualTo(SiteStatus.State.BACKING_OFF);
      assertThat(entry.listing().due()).isEqualTo(QueueFixture.START.plus(Duration.ofMinutes(5)));
      assertThat(entry.listing().lastReply()).hasValueSatisfying(
          reply -> assertThat(reply).endsWith("connection timed out"));
    });
  }

  private int inMemory() {
    return queue.scheduler.queue().inspect((_, works) -> works.size());
  }

  private Instant looksAgain() {
    return queue.scheduler.queue().inspect((sites, _) -> sites.values().iterator().next().wakeAt);
  }
}
