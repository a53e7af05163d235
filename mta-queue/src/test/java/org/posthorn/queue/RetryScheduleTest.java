package org.posthorn.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RetryScheduleTest {
  private static final Instant QUEUED = QueueFixture.START;
  private final Random random = new Random(1);

  private static QueuedMessage message(String from) {
    return new QueuedMessage(new QueueId("0000000000000001"), QUEUED,
        QueueFixture.envelope(from, Recipient.of(QueueFixture.mailbox("b@example.net"))), 1);
  }

  @ParameterizedTest(name = "after attempt {0} wait {1}")
  @CsvSource({"1, PT5M", "2, PT10M", "3, PT20M", "4, PT40M", "5, PT80M", "6, PT160M", "7, PT4H", "8, PT4H", "90, PT4H"})
  void doublesTheDelayUpToTheLongest(int attempts, Duration expected) {
    assertThat(QueueFixture.RETRY.delay(attempts, random)).isEqualTo(expected);
  }

  @ParameterizedTest(name = "at {0} after {1} attempts: next at {2}")
  @CsvSource({"PT0S, 1, PT5M", "PT3H55M, 6, PT4H", "PT4H, 7, PT8H", "PT119H59M, 40, PT120H"})
  void neverSleepsThroughTheReportOfDelayAndTheExpiry(Duration age, int attempts, Duration expected) {
    Instant now = QUEUED.plus(age);
    assertThat(QueueFixture.RETRY.next(Lifespan.of(message("a@example.org")), attempts, now, now, random))
        .hasValue(QUEUED.plus(expected));
  }

  @ParameterizedTest(name = "from {0}: expired after {1}")
  @CsvSource({"a@example.org, PT120H", "'', PT48H"})
  void expires(String from, Duration lifetime) {
    Instant expiry = QUEUED.plus(lifetime);
    Instant before = expiry.minusMillis(1);
    assertThat(QueueFixture.RETRY.next(Lifespan.of(message(from)), 9, before, before, random)).hasValue(expiry);
    assertThat(QueueFixture.RETRY.next(Lifespan.of(message(from)), 9, expiry, expiry, random)).isEmpty();
  }

  @Test
  void waitsUntilTheDestinationIsTriedAgain() {
    assertThat(
        QueueFixture.RETRY.next(Lifespan.of(message("a@example.org")), 1, QUEUED, QUEUED.plusSeconds(3600), random))
        .hasValue(QUEUED.plusSeconds(3600));
  }

  @Test
  void straysByATenthAtMostAndDoesStray() {
    var delays = IntStream.range(0, 1000).mapToObj(_ -> RetrySchedule.DEFAULT.delay(1, random)).toList();
    assertThat(delays).allMatch(delay -> delay.minusSeconds(300).abs().compareTo(Duration.ofSeconds(30)) <= 0);
    assertThat(delays.stream().distinct()).hasSizeGreaterThan(900);
  }

  @ParameterizedTest(name = "first {0}, longest {1}, jitter {2}, lifetime {3}: {4}")
  @CsvSource({"PT0S, PT4H, 0.1, P5D, first", "PT5M, PT1M, 0.1, P5D, longest", "PT5M, PT4H, 0.6, P5D, jitter",
      "PT5M, PT4H, -1, P5D, jitter", "PT5M, PT4H, 0.1, PT0S, lifetime"})
  void refusesWhatCannotBe(Duration first, Duration longest, double jitter, Duration lifetime, String named) {
    assertThatThrownBy(
        () -> new RetrySchedule(first, longest, jitter, lifetime, Duration.ofDays(1), Duration.ofHours(4)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(named);
  }
}
