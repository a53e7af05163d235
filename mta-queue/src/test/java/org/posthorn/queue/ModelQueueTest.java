package org.posthorn.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.posthorn.queue.Outcome.Diagnostic;
import org.posthorn.queue.QueueControl.Mode;
import org.posthorn.queue.QueueModel.Waiting;
import org.posthorn.testkit.Nightly;

/** Random mail, answers, operators, clocks and crashes: the queue does, after each, what a simple model says. */
class ModelQueueTest {
  private static final List<String> SITES = List.of("one.example", "two.example", "three.example");
  private static final String SENDERS = "sender.example";
  private static final int ACTS = 70;
  /** How long a report waits for what else is to be told of the same message. */
  private static final Duration REPORT_PATIENCE = Duration.ofSeconds(31);

  @TempDir
  private Path directory = Path.of("");

  private QueueModel model = new QueueModel();
  private int serial;

  static LongStream seeds() {
    long first = Nightly.firstSeed();
    return LongStream.range(first, first + Nightly.times(120, 5_000));
  }

  @ParameterizedTest(name = "-Dposthorn.seed={0}")
  @MethodSource("seeds")
  void doesWhatTheModelSays(long seed) {
    var random = new Random(seed);
    try (var queue = new DiskQueue(directory.resolve("pauses"), random)) {
      SITES.forEach(site -> queue.delivery.at(site, task -> attempt(queue, task, random)));
      for (int i = 0; i < ACTS; i++) {
        act(queue, random);
        if (random.nextInt(3) > 0) {
          queue.run();
          settled(queue);
        }
      }
      calm(queue);
      model.checkEnd(queue.reports.all());
      assertThat(queue.ids()).as("left in the spool").isEmpty();
      assertThat(queue.index().all()).as("left in the index").isEmpty();
      assertThat(queue.inMemory()).as("left in memory").isZero();
    }
  }

  private void act(DiskQueue queue, Random random) {
    switch (random.nextInt(20)) {
      case 0, 1, 2, 3, 4 -> accept(queue, random);
      case 5, 6, 7, 8 -> queue.clock.advance(Duration.ofSeconds(random.nextInt(2_400)));
      case 9 -> queue.clock.advance(Duration.ofHours(random.nextInt(40)));
      case 10, 11 -> some(random).ifPresent(id -> {
        queue.control().hold(QueueFilter.of(id), Mode.ACT);
        model.hold(id, true);
      });
      case 12 -> some(random).ifPresent(id -> {
        queue.control().release(QueueFilter.of(id), Mode.ACT);
        model.hold(id, false);
      });
      case 13 -> some(random).ifPresent(id -> {
        queue.control().retry(QueueFilter.of(id), Mode.ACT);
        model.retry(id, queue.clock.instant());
      });
      case 14 -> some(random).ifPresent(id -> end(queue, id, random));
      case 15 -> pause(queue, random, true);
      case 16 -> pause(queue, random, false);
      case 17 -> {
        for (int lanes = random.nextInt(3); lanes > 0; lanes--) {
          queue.step();
        }
      }
      default -> crash(queue, random);
    }
  }

  private void accept(DiskQueue queue, Random random) {
    var to = IntStream.rangeClosed(0, random.nextInt(4))
        .mapToObj(_ -> "u" + serial++ + "@" + SITES.get(random.nextInt(SITES.size())))
        .toArray(String[]::new);
    var from = random.nextInt(5) == 0 ? "" : "a@" + SENDERS;
    boolean large = random.nextInt(6) == 0;
    var text = "Subject: x\r\n\r\n" + "y".repeat(large ? 6_000 : 10) + "\r\n";
    var message = queue.accept(Messages.envelope(from, to), text.getBytes(StandardCharsets.US_ASCII));
    model.accepted(message, queue.clock.instant(), large);
  }

  private Optional<QueueId> some(Random random) {
    var ids = model.ids();
    return ids.isEmpty() ? Optional.empty() : Optional.of(ids.get(random.nextInt(ids.size())));
  }

  private void end(DiskQueue queue, QueueId id, Random random) {
    if (random.nextBoolean()) {
      queue.control().delete(QueueFilter.of(id), Mode.ACT);
      model.delete(id);
    } else {
      queue.control().bounce(QueueFilter.of(id), Mode.ACT);
      model.bounce(id);
    }
  }

  private void pause(DiskQueue queue, Random random, boolean pause) {
    var site = SITES.get(random.nextInt(SITES.size()));
    if (pause) {
      queue.control().pause(new Destination(site), new Pause("why not", Optional.empty()));
    } else {
      queue.control().resume(new Destination(site));
    }
    model.pause(site, pause);
  }

  private void crash(DiskQueue queue, Random random) {
    switch (random.nextInt(3)) {
      case 0 -> queue.restart();
      case 1 -> {
        queue.kill();
        model.crashed(listed(queue), queue.clock.instant(), true);
      }
      default -> {
        var before = queue.index();
        queue.cutPower(random);
        model.crashed(listed(queue), queue.clock.instant(), before == queue.index());
      }
    }
  }

  private Attempt attempt(DiskQueue queue, DeliveryTask task, Random random) {
    var now = queue.clock.instant();
    var outcomes = new HashMap<RecipientNumber, Outcome>();
    for (var recipient : task.recipients()) {
      var key = new QueueModel.Key(task.message().id(), recipient);
      model.trying(key, now);
      switch (random.nextInt(8)) {
        case 0, 1, 2 -> {
          model.delivered(key);
          outcomes.put(recipient, new Outcome.Delivered(Diagnostic.ours("2.0.0", "ok"), Outcome.Handover.NEXT_HOP));
        }
        case 3 -> {
          model.failed(key);
          outcomes.put(recipient, new Outcome.Failed(Diagnostic.ours("5.1.1", "no such user")));
        }
        default -> {
          model.deferred(key, now);
          outcomes.put(recipient, new Outcome.Deferred(Diagnostic.ours("4.2.2", "full")));
        }
      }
    }
    return new Attempt(outcomes, Attempt.SiteState.REACHED);
  }

  private void settled(DiskQueue queue) {
    long tried;
    do { // what became due while a report waited for more may end in another
      tried = model.tried();
      queue.clock.advance(REPORT_PATIENCE);
      queue.run();
    } while (model.tried() > tried);
    model.cameToRest();
    assertThat(model.due(queue.clock.instant())).as("due, and not tried").isEmpty();
    model.check(listed(queue), queue.clock.instant());
  }

  /** Returns who waits, without reports on their way to senders. */
  private static Map<QueueModel.Key, Waiting> listed(DiskQueue queue) {
    var listed = new TreeMap<QueueModel.Key, Waiting>();
    queue.control().list(QueueFilter.ALL, entry -> {
      var row = entry.listing();
      if (!row.destination().name().equals(SENDERS)) {
        listed.put(new QueueModel.Key(row.id(), row.recipient()),
            new Waiting(row.destination().name(), row.due(), row.attempts(), row.held()));
      }
    });
    return listed;
  }

  private void calm(DiskQueue queue) {
    for (var id : model.ids()) {
      queue.control().release(QueueFilter.of(id), Mode.ACT);
      model.hold(id, false);
    }
    for (var site : SITES) {
      queue.control().resume(new Destination(site));
      model.pause(site, false);
    }
    while (!model.ids().isEmpty()) {
      queue.clock.advance(Duration.ofHours(4));
      queue.run();
      settled(queue);
    }
    queue.pass(Duration.ofMinutes(10), Duration.ofMinutes(1)); // what a report waited for
  }
}
