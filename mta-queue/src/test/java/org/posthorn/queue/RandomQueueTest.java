package org.posthorn.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.posthorn.queue.Outcome.Diagnostic;
import org.posthorn.queue.QueueControl.Mode;

/** Random mail, outages, operators and crashes against what must hold whatever happens. */
class RandomQueueTest {
  private static final List<String> SITES = List.of("one.example", "two.example", "three.example", "four.example");

  private record Key(QueueId id, RecipientNumber recipient) {}

  private final Set<Key> submitted = new HashSet<>();
  private final Map<Key, Integer> delivered = new HashMap<>();
  private final Set<Key> refused = new HashSet<>();
  private final Set<QueueId> deleted = new HashSet<>();
  private final Map<Key, Instant> lastTried = new HashMap<>();
  private final Set<QueueId> mayHurry = new HashSet<>();
  private boolean isCalm;
  private boolean hasCrashed;

  @TempDir
  private Path directory = Path.of("");

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void deliversOrReportsEachRecipientOnceWithoutCrashes(int seed) {
    play(seed, false);
    assertThat(delivered.values()).as("times delivered").allMatch(times -> times == 1);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void losesNothingInCrashes(int seed) {
    play(seed, true);
  }

  /** More seeds for a long search: {@code -Dposthorn.seeds=10000}. */
  static IntStream seeds() {
    return IntStream.rangeClosed(1, Integer.getInteger("posthorn.seeds", 10));
  }

  private void play(int seed, boolean crashes) {
    var random = new Random(seed);
    var queue = new QueueFixture(directory.resolve("pauses"));
    queue.settings.set(new QueueSettings(QueueFixture.RETRY, new SiteLimits(2, 4, 2, Duration.ofMinutes(5),
        Duration.ofHours(1)), 3, 10, 30, Duration.ZERO, Optional.empty()));
    SITES.forEach(site -> queue.delivery.at(site, task -> attempt(queue, task, random)));
    queue.spool.failWhen(_ -> !isCalm && random.nextInt(8) == 0);
    for (int i = 0; i < 400; i++) {
      act(queue, random, crashes);
      queue.scheduler.step();
      while (random.nextInt(4) != 0 && queue.threads.runOne()) {
        queue.scheduler.step();
      }
      queue.clock.advance(Duration.ofSeconds(random.nextInt(900)));
    }
    calm(queue);
    queue.pass(Duration.ofDays(6), Duration.ofMinutes(10));
    check(queue);
  }

  private void act(QueueFixture queue, Random random, boolean crashes) {
    try {
      switch (random.nextInt(16)) {
        case 0, 1, 2, 3 -> submit(queue, random);
        case 4 -> queue.index.fail(true);
        case 5, 6 -> queue.index.fail(false);
        case 7 -> queue.writes.holdBack(random.nextBoolean());
        case 8 -> queue.writes.flush();
        case 9 -> queue.control().hold(some(queue, random), Mode.ACT);
        case 10 -> queue.control().release(some(queue, random), Mode.ACT);
        case 11 -> retry(queue, some(queue, random));
        case 12 -> end(queue, some(queue, random), random.nextBoolean());
        case 13 -> queue.control().pause(site(random), new Pause("why not", Optional.empty()));
        case 14 -> queue.control().resume(site(random));
        default -> crash(queue, crashes && random.nextInt(3) == 0);
      }
    } catch (SpoolException | StoreException _) {
      // told to fail
    }
  }

  private void submit(QueueFixture queue, Random random) {
    var to = IntStream.rangeClosed(0, random.nextInt(4))
        .mapToObj(i -> "u" + i + "@"
            + SITES.get(random.nextInt(SITES.size())))
        .toArray(String[]::new);
    var message = queue.submit("a@sender.example", to);
    numbers(message).forEach(number -> submitted.add(new Key(message.id(), number)));
  }

  private static List<RecipientNumber> numbers(QueuedMessage message) {
    return IntStream.range(0, message.envelope().recipients().size()).mapToObj(RecipientNumber::new).toList();
  }

  private static Destination site(Random random) {
    return new Destination(SITES.get(random.nextInt(SITES.size())));
  }

  private static QueueFilter some(QueueFixture queue, Random random) {
    var ids = queue.spool.ids();
    return QueueFilter.of(ids.isEmpty() ? new QueueId("0000000000000000") : ids.get(random.nextInt(ids.size())));
  }

  private void retry(QueueFixture queue, QueueFilter filter) {
    mayHurry.addAll(filter.ids());
    queue.control().retry(filter, Mode.ACT);
  }

  private void end(QueueFixture queue, QueueFilter filter, boolean delete) {
    if (delete) {
      deleted.addAll(filter.ids());
      queue.control().delete(filter, Mode.ACT);
    } else {
      queue.control().bounce(filter, Mode.ACT);
    }
  }

  private void crash(QueueFixture queue, boolean really) {
    if (really) {
      hasCrashed = true;
      queue.spool.failWhen(_ -> false);
      queue.index.fail(false);
      queue.restart();
    }
  }

  private void calm(QueueFixture queue) {
    isCalm = true;
    queue.spool.failWhen(_ -> false);
    queue.index.fail(false);
    queue.writes.holdBack(false);
    queue.writes.flush();
    queue.control().release(QueueFilter.ALL, Mode.ACT);
    SITES.forEach(site -> queue.control().resume(new Destination(site)));
  }

  private Attempt attempt(QueueFixture queue, DeliveryTask task, Random random) {
    assertThat(task.recipients()).isNotEmpty().doesNotHaveDuplicates();
    for (var recipient : task.recipients()) {
      checkAttempt(queue, task.message(), recipient);
    }
    if (!isCalm && random.nextInt(10) == 0) {
      throw new IllegalStateException("a bug");
    }
    if (random.nextInt(4) == 0) {
      return unreached(task);
    }
    var outcomes = new TreeMap<RecipientNumber, Outcome>();
    for (var recipient : task.recipients()) {
      var key = new Key(task.message().id(), recipient);
      switch (random.nextInt(3)) {
        case 0 -> {
          delivered.merge(key, 1, Integer::sum);
          outcomes.put(recipient, new Outcome.Delivered(Diagnostic.ours("2.0.0", "ok"), Outcome.Handover.NEXT_HOP));
        }
        case 1 -> outcomes.put(recipient, new Outcome.Deferred(Diagnostic.ours("4.2.2", "full")));
        default -> {
          refused.add(key);
          outcomes.put(recipient, new Outcome.Failed(Diagnostic.ours("5.1.1", "no such user")));
        }
      }
    }
    return new Attempt(outcomes, Attempt.SiteState.REACHED);
  }

  private static Attempt unreached(DeliveryTask task) {
    var outcomes = new TreeMap<RecipientNumber, Outcome>();
    task.recipients()
        .forEach(
            recipient -> outcomes.put(recipient, new Outcome.Deferred(Diagnostic.ours("4.4.1", "no connection"))));
    return new Attempt(outcomes, Attempt.SiteState.UNREACHED);
  }

  private void checkAttempt(QueueFixture queue, QueuedMessage message, RecipientNumber recipient) {
    var key = new Key(message.id(), recipient);
    Instant now = queue.clock.instant();
    var last = Optional.ofNullable(lastTried.put(key, now));
    if (!hasCrashed) {
      assertThat(delivered).as("delivered already").doesNotContainKey(key);
      assertThat(refused).as("refused already").doesNotContain(key);
      if (last.isPresent() && !mayHurry.contains(key.id()) && !isMilestoneBetween(message, last.get(), now)) {
        assertThat(Duration.between(last.get(), now)).as("since the last attempt")
            .isGreaterThanOrEqualTo(QueueFixture.RETRY.first());
      }
    }
  }

  private static boolean isMilestoneBetween(QueuedMessage message, Instant from, Instant to) {
    return Stream.of(QueueFixture.RETRY.delayReportAfter(), QueueFixture.RETRY.lifetime())
        .map(message.queuedAt()::plus)
        .anyMatch(milestone -> from.isBefore(milestone) && !to.isBefore(milestone));
  }

  private void check(QueueFixture queue) {
    assertThat(queue.spool.ids()).as("left in the spool").isEmpty();
    assertThat(queue.index.all()).as("left in the index").isEmpty();
    int inMemory = queue.scheduler.queue().inspect((_, works) -> works.size());
    assertThat(inMemory).as("left in memory").isZero();
    var reported = new ArrayList<Key>();
    queue.reports.all()
        .forEach(report -> report.lines()
            .stream()
            .filter(line -> line.action() == Report.Action.FAILED)
            .forEach(line -> reported.add(new Key(report.message().id(), line.recipient()))));
    for (var key : submitted) {
      boolean isReported = reported.contains(key);
      assertThat(delivered.containsKey(key) || isReported || deleted.contains(key.id())).as("lost: " + key).isTrue();
      if (!hasCrashed) {
        assertThat(delivered.containsKey(key) && isReported).as("delivered and bounced: " + key).isFalse();
      }
    }
  }
}
