package org.posthorn.daemon.quota;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthorn.queue.QueueId;
import org.posthorn.queue.QueueIndex.Scheduled;
import org.posthorn.queue.QueueIndex.ScheduledTotal;
import org.posthorn.testkit.SettableClock;

class ScheduledMailTest {
  private static final Instant NOW = Instant.parse("2026-11-22T08:00:00Z");
  private static final long MEGABYTE = 1 << 20;
  private static final SendingLimits TWO = new SendingLimits(
      Map.of(Limit.SCHEDULED_MESSAGES, 2, Limit.SCHEDULED_MEGABYTES, 10));

  @TempDir
  private Path folder;

  private final List<Scheduled> indexed = new ArrayList<>();
  private final SettableClock clock = new SettableClock(NOW);

  private Quotas quotas() {
    return new Quotas(folder.resolve("limits"), clock, new ScheduledMail.Indexed() {
      @Override
      public List<Scheduled> of(String account, int limit) {
        return account.equals("alice") ? indexed.stream().limit(limit).toList() : List.of();
      }

      @Override
      public List<ScheduledTotal> all() {
        long octets = indexed.stream().mapToLong(Scheduled::contentBytes).sum();
        return indexed.isEmpty() ? List.of() : List.of(new ScheduledTotal("alice", indexed.size(), octets));
      }
    });
  }

  private static QueueId id(int number) {
    return new QueueId("253j4tczmly3qhl" + number);
  }

  @Test
  void countsWhatTheIndexHas() {
    var quotas = quotas();
    indexed.add(new Scheduled(id(2), 100));
    assertThat(quotas.checkScheduled("alice", TWO, 100)).isEmpty();
    assertThat(quotas.checkScheduled("alice", TWO, 10 * MEGABYTE))
        .contains(new Quotas.Exceeded(Limit.SCHEDULED_MEGABYTES, 10, 11));
    indexed.add(new Scheduled(id(3), 100));
    assertThat(quotas.checkScheduled("alice", TWO, 0)).contains(new Quotas.Exceeded(Limit.SCHEDULED_MESSAGES, 2, 3));
    assertThat(quotas.checkScheduled("bob", TWO, 0)).isEmpty();
    assertThat(quotas.refusals(Limit.SCHEDULED_MESSAGES)).isOne();
    indexed.clear(); // their time has come, or the operator let them go
    assertThat(quotas.checkScheduled("alice", TWO, 0)).isEmpty();
  }

  @Test
  void countsWhatTheIndexDoesNotHaveYetOnce() {
    var quotas = quotas();
    try (var first = quotas.reserve("alice", TWO, 100)) {
      assertThat(first.exceeded()).isEmpty();
      first.taken(id(2));
    }
    indexed.add(new Scheduled(id(2), 100));
    try (var second = quotas.reserve("alice", TWO, 100)) {
      assertThat(second.exceeded()).isEmpty();
      second.taken(id(3));
    }
    try (var third = quotas.reserve("alice", TWO, 100)) {
      assertThat(third.exceeded()).contains(new Quotas.Exceeded(Limit.SCHEDULED_MESSAGES, 2, 3));
    }
  }

  @Test
  void countsMessagesSideBySideAndNotWhatWasNotTaken() {
    var quotas = quotas();
    var one = new SendingLimits(Map.of(Limit.SCHEDULED_MESSAGES, 1));
    var first = quotas.reserve("alice", one, 100);
    assertThat(quotas.checkScheduled("alice", one, 0)).isPresent();
    first.close();
    assertThat(quotas.checkScheduled("alice", one, 0)).isEmpty();
  }

  @Test
  void forgetsWhatTheIndexNeverShows() {
    var quotas = quotas();
    var one = new SendingLimits(Map.of(Limit.SCHEDULED_MESSAGES, 1));
    try (var first = quotas.reserve("alice", one, 100)) {
      first.taken(id(2));
    }
    assertThat(quotas.checkScheduled("alice", one, 0)).isPresent();
    clock.set(NOW.plus(Duration.ofMinutes(2)));
    assertThat(quotas.checkScheduled("alice", one, 0)).isEmpty();
  }

  @Test
  void hasBoundsWhereNobodySaysAnythingAndNoneWhereZeroIsSaid() {
    var quotas = quotas();
    for (int i = 0; i < Limit.SCHEDULED_MESSAGES.usual(); i++) {
      indexed.add(new Scheduled(id(2), 1));
    }
    assertThat(quotas.checkScheduled("alice", SendingLimits.NONE, 0)).isPresent();
    var none = new SendingLimits(Map.of(Limit.SCHEDULED_MESSAGES, 0, Limit.SCHEDULED_MEGABYTES, 0));
    assertThat(quotas.checkScheduled("alice", none, 1L << 50)).isEmpty();
    assertThat(none.isAny()).isFalse();
  }

  @Test
  void showsWhatWaitsBesideWhatWasSent() {
    var quotas = quotas();
    indexed.add(new Scheduled(id(2), MEGABYTE + 1));
    quotas.charge("alice", new SendingLimits(Map.of(Limit.MESSAGES_PER_HOUR, 2)), List.of()).taken();
    assertThat(quotas.usage()).singleElement()
        .satisfies(usage -> assertThat(usage.used()).containsEntry(Limit.MESSAGES_PER_HOUR, 1)
            .containsEntry(Limit.SCHEDULED_MESSAGES, 1)
            .containsEntry(Limit.SCHEDULED_MEGABYTES, 2));
  }
}
