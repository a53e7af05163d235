package org.posthorn.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.posthorn.smtp.Priority;

class PriorityTest {
  private final QueueFixture queue = new QueueFixture();

  private void submit(int priority, String to) {
    var plain = QueueFixture.envelope("a@example.org", Recipient.of(QueueFixture.mailbox(to)));
    queue.submit(plain.with(Handling.PLAIN.with(new Priority(priority))));
  }

  private void withReady(int most) {
    queue.settings.set(new QueueSettings(QueueFixture.RETRY, new SiteLimits(1, 1, 3, Duration.ofMinutes(5),
        Duration.ofHours(1)), 1, most, 50_000, Duration.ZERO, Optional.empty()));
  }

  /** Returns who was tried, by the first letter of the address. */
  private String tried() {
    var tried = new StringBuilder();
    queue.delivery.tried().forEach(address -> tried.append(address.charAt(0)));
    return tried.toString();
  }

  @Test
  void theMostUrgentGoesFirst() {
    submit(-4, "l@example.net");
    submit(0, "n@example.net");
    submit(3, "h@example.net");
    submit(9, "t@example.net");
    queue.run();
    assertThat(tried()).isEqualTo("thnl");
  }

  @Test
  void equalOnesGoInTurn() {
    List.of("a", "b", "c", "d", "e", "f").forEach(name -> submit(5, name + "@example.net"));
    queue.run();
    assertThat(tried()).isEqualTo("abcdef");
  }

  @Test
  void theLessUrgentGoesTooWhileUrgentMailKeepsComing() {
    IntStream.range(0, 3).forEach(_ -> submit(-9, "l@example.net"));
    IntStream.range(0, 20).forEach(_ -> submit(9, "t@example.net"));
    queue.run();
    assertThat(tried()).isEqualTo("ttttlttttlttttltttttttt");
  }

  @Test
  void urgentMailThatIsDueAgainDoesNotWaitUntilTheReadyQueueRunsLow() {
    withReady(100);
    queue.delivery.at("example.net", FixedDelivery.DEFERRED);
    submit(4, "u@example.net");
    queue.run();
    queue.delivery.at("example.net", FixedDelivery.SENT);
    IntStream.range(0, 80).forEach(i -> submit(0, "n" + i + "@example.net"));
    queue.clock.advance(Duration.ofMinutes(5));
    queue.run();
    assertThat(tried().substring(0, 10)).matches("un{0,8}u.*");
  }

  @Test
  void comesFromTheIndexByPriorityWithALittleRoomForTheRest() {
    withReady(10);
    queue.delivery.at("example.net", FixedDelivery.DEFERRED);
    IntStream.range(0, 40).forEach(i -> submit(0, "n" + i + "@example.net"));
    IntStream.range(0, 40).forEach(i -> submit(4, "u" + i + "@example.net"));
    queue.run();
    int before = queue.delivery.tried().size();
    queue.delivery.at("example.net", FixedDelivery.SENT);
    queue.clock.advance(Duration.ofMinutes(10));
    queue.run();
    var again = tried().substring(before);
    assertThat(again).hasSize(80);
    assertThat(again.substring(0, 20).chars().filter(c -> c == 'u').count()).isGreaterThanOrEqualTo(12);
    assertThat(again.substring(0, 20)).contains("n");
    assertThat(queue.spool.ids()).isEmpty();
  }
}
