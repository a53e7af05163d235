package org.posthorn.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.posthorn.testkit.SettableClock;

class QueueIdSourceTest {
  private static final Instant NOW = Instant.parse("2026-11-22T10:00:00Z");

  private final SettableClock clock = new SettableClock(NOW);
  private final QueueIdSource ids = new QueueIdSource(clock, new Random(1));

  @Test
  void idsSortByTimeAndWithinAnInstant() {
    var made = Stream.generate(() -> {
      clock.advance(Duration.ofNanos(300));
      return ids.next();
    }).limit(1_000).toList();

    assertThat(made).isSorted().doesNotHaveDuplicates();
  }

  @Test
  void idsGoOnGrowingWhenTheClockStepsBack() {
    var before = ids.next();
    clock.set(NOW.minusSeconds(3_600));
    var after = ids.next();

    assertThat(after).isGreaterThan(before);
  }

  @Test
  void aLaterRunAtTheSameInstantMakesOtherIds() {
    var all = new HashSet<QueueId>();
    for (int run = 0; run < 1_000; run++) {
      assertThat(all.add(new QueueIdSource(clock, new Random(run)).next())).isTrue();
    }
  }

  @Test
  void lastsUntilTheYear2135() {
    clock.set(Instant.parse("2134-12-31T00:00:00Z"));
    var late = ids.next();

    assertThat(late).isGreaterThan(new QueueIdSource(new SettableClock(NOW), new Random(1)).next());
  }

  @Test
  void noTwoThreadsGetTheSame() {
    var all = ConcurrentHashMap.<QueueId>newKeySet();
    try (var threads = Executors.newFixedThreadPool(4)) {
      for (int i = 0; i < 4; i++) {
        threads.execute(() -> Stream.generate(ids::next).limit(5_000).forEach(all::add));
      }
    }

    assertThat(all).hasSize(20_000);
  }
}
