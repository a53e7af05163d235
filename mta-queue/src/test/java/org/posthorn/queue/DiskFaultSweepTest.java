package org.posthorn.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthorn.queue.QueueControl.Mode;

/**
 * The life of some messages, again and again, and each time the disk fails one step later: at intake, moves, settling, reports,
 * holds and deletions. What was taken arrives or is returned once, what was refused never; nothing has to be restarted.
 */
class DiskFaultSweepTest {
  private static final int MOST_STEPS = 2_000;

  @TempDir
  private Path directory = Path.of("");

  /** Addresses that were delivered to, with how often. */
  private final Map<String, Integer> delivered = new HashMap<>();
  private final Set<String> taken = new HashSet<>();
  private final Set<String> refused = new HashSet<>();
  private final Set<String> deleted = new HashSet<>();

  @ParameterizedTest
  @ValueSource(ints = 1)
  void losesNothingAndInventsNothingWhereverTheDiskFails(int failures) {
    boolean hasFailed = true;
    int step = 1;
    for (; hasFailed; step += step < 60 ? 1 : 3) {
      assertThat(step).as("steps of a run").isLessThan(MOST_STEPS);
      hasFailed = play(step, failures);
    }
    assertThat(step).as("steps that were made to fail").isGreaterThan(30);
    assertThat(refused).isNotEmpty();
  }

  /** Returns whether the disk came to fail. */
  private boolean play(int first, int failures) {
    delivered.clear();
    taken.clear();
    deleted.clear();
    var count = new AtomicInteger();
    try (var queue = new DiskQueue(directory.resolve("pauses"), new Random(first))) {
      var busy = new AtomicInteger(2);
      queue.delivery.at("good.example", task -> deliver(task));
      queue.delivery.at("sender.example", task -> deliver(task));
      queue.delivery.at("bad.example", FixedDelivery.FAILED);
      queue.delivery.at("slow.example",
          task -> busy.getAndDecrement() > 0 ? FixedDelivery.DEFERRED.attempt(task) : deliver(task));
      queue.disk().failWhen(_ -> {
        int now = count.incrementAndGet();
        return now >= first && now < first + failures;
      });
      scenario(queue);
      boolean hasFailed = count.get() >= first;
      queue.disk().heal();
      queue.pass(Duration.ofHours(2), Duration.ofMinutes(1));
      check(queue, first);
      return hasFailed;
    }
  }

  private void scenario(DiskQueue queue) {
    accept(queue, 10, "one@good.example");
    accept(queue, 10, "two@good.example", "three@slow.example");
    accept(queue, 10, "four@bad.example", "five@good.example", "six@slow.example");
    queue.run();
    accept(queue, 9_000, "seven@good.example", "eight@bad.example");
    var held = accept(queue, 10, "nine@slow.example");
    var unwanted = accept(queue, 10, "ten@slow.example");
    held.ifPresent(id -> insist(queue, () -> queue.control().hold(QueueFilter.of(id), Mode.ACT)));
    queue.run();
    unwanted.ifPresent(id -> {
      deleted.add("ten@slow.example");
      insist(queue, () -> queue.control().delete(QueueFilter.of(id), Mode.ACT));
    });
    held.ifPresent(id -> insist(queue, () -> queue.control().release(QueueFilter.of(id), Mode.ACT)));
    queue.pass(Duration.ofMinutes(30), Duration.ofMinutes(1));
  }

  /** The operator repeats a command until the disk takes it. */
  private static void insist(DiskQueue queue, Runnable command) {
    for (int attempt = 0; attempt < 100; attempt++) {
      try {
        command.run();
        return;
      } catch (SpoolException _) {
        queue.pass(Duration.ofSeconds(30), Duration.ofSeconds(10));
      }
    }
    throw new IllegalStateException("the disk never took it");
  }

  private Optional<QueueId> accept(DiskQueue queue, int bytes, String... to) {
    var content = ("Subject: x\r\n\r\n" + "y".repeat(bytes) + "\r\n").getBytes(StandardCharsets.US_ASCII);
    try {
      var message = queue.accept(Messages.envelope("a@sender.example", to), content);
      taken.addAll(List.of(to));
      return Optional.of(message.id());
    } catch (SpoolException _) {
      refused.addAll(List.of(to));
      return Optional.empty();
    }
  }

  private Attempt deliver(DeliveryTask task) throws InterruptedException {
    task.recipients()
        .forEach(recipient -> delivered.merge(task.message().envelope().recipient(recipient).address().toString(), 1,
            Integer::sum));
    return FixedDelivery.SENT.attempt(task);
  }

  private void check(DiskQueue queue, int step) {
    var told = new ArrayList<String>();
    for (var report : queue.reports.all()) {
      report.lines()
          .stream()
          .filter(line -> line.action() == Report.Action.FAILED)
          .forEach(line -> told.add(report.message().envelope().recipient(line.recipient()).address().toString()));
    }
    for (var address : taken) {
      int times = delivered.getOrDefault(address, 0);
      if (address.endsWith("@bad.example")) {
        assertThat(told).as("told of %s, step %d", address, step).contains(address);
      } else if (!deleted.contains(address)) {
        assertThat(times).as("deliveries to %s, step %d", address, step).isEqualTo(1);
      }
    }
    assertThat(taken).as("step %d", step).containsAll(withoutSender(delivered.keySet()));
    assertThat(queue.ids()).as("left in the spool, step %d", step).isEmpty();
    assertThat(queue.index().all()).as("left in the index, step %d", step).isEmpty();
    assertThat(queue.inMemory()).as("left in memory, step %d", step).isZero();
    long bounced = taken.stream().filter(address -> address.endsWith("@bad.example")).count();
    assertThat((long) delivered.getOrDefault("a@sender.example", 0)).as("reports that arrived, step %d", step)
        .isEqualTo(bounced);
  }

  private static Set<String> withoutSender(Set<String> addresses) {
    var others = new HashSet<>(addresses);
    others.remove("a@sender.example");
    return others;
  }
}
