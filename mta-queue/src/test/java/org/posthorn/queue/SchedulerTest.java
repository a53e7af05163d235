package org.posthorn.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class SchedulerTest {
  private final QueueFixture queue = new QueueFixture();

  @Test
  void removesWhatIsDelivered() {
    queue.submit("a@example.org", "b@example.net");
    queue.run();
    assertThat(queue.delivery.tried()).containsExactly("b@example.net");
    assertThat(queue.spool.ids()).isEmpty();
    assertThat(queue.index.all()).isEmpty();
  }

  @Test
  void triesAgainWhatIsDeferred() {
    queue.delivery.at("example.net", FixedDelivery.DEFERRED);
    queue.submit("a@example.org", "b@example.net");
    queue.run();
    assertThat(queue.index.all()).singleElement().satisfies(row -> {
      assertThat(row.due()).isEqualTo(QueueFixture.START.plus(Duration.ofMinutes(5)));
      assertThat(row.attempts()).isEqualTo(1);
      assertThat(row.lastReply()).hasValue("mailbox full");
    });
    queue.clock.advance(Duration.ofMinutes(4));
    queue.run();
    assertThat(queue.delivery.tasks()).hasSize(1);
    queue.delivery.at("example.net", FixedDelivery.SENT);
    queue.clock.advance(Duration.ofMinutes(1));
    queue.run();
    assertThat(queue.delivery.tasks()).hasSize(2);
    assertThat(queue.spool.ids()).isEmpty();
    assertThat(queue.index.all()).isEmpty();
  }

  @Test
  void reportsWhatFailed() {
    queue.delivery.at("example.net", FixedDelivery.FAILED);
    queue.submit("a@example.org", "b@example.net");
    queue.run();
    assertThat(queue.reports.lines()).containsExactly("0 FAILED");
    assertThat(queue.delivery.tried()).containsExactly("b@example.net", "a@example.org");
    assertThat(queue.spool.ids()).isEmpty();
  }

  @Test
  void recipientsAtOneDestinationTravelTogetherAndAtMostAHundred() {
    var to = java.util.stream.IntStream.range(0, 250).mapToObj(i -> "u" + i + "@example.net").toArray(String[]::new);
    queue.submit("a@example.org", to);
    queue.run();
    assertThat(queue.delivery.tasks()).extracting(task -> task.recipients().size()).isEqualTo(List.of(100, 100, 50));
    assertThat(queue.spool.ids()).isEmpty();
  }

  @Test
  void sixDaysWithEverythingDownGiveOneReportOfDelayAndOneOfFailure() {
    queue.delivery.at("one.example", FixedDelivery.UNREACHED);
    queue.delivery.at("two.example", FixedDelivery.UNREACHED);
    queue.submit("a@example.org", "b@one.example", "c@two.example");
    queue.run();
    queue.pass(Duration.ofDays(6), Duration.ofMinutes(1));
    assertThat(queue.reports.all()).hasSize(2);
    assertThat(queue.reports.lines()).containsExactly("0 DELAYED", "1 DELAYED", "0 FAILED", "1 FAILED");
    assertThat(queue.reports.all().getFirst().at()).isEqualTo(QueueFixture.START.plus(Duration.ofHours(4)));
    assertThat(queue.reports.all().getLast().at()).isEqualTo(QueueFixture.START.plus(Duration.ofDays(5)));
    assertThat(queue.spool.ids()).isEmpty();
    assertThat(queue.index.all()).isEmpty();
  }
}
