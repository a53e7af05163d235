package org.posthorn.queue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import org.posthorn.smtp.BodyType;
import org.posthorn.smtp.Domain;
import org.posthorn.smtp.Mailbox;
import org.posthorn.smtp.ReversePath;
import org.posthorn.testkit.SettableClock;

/** A scheduler on fakes, which does everything on the test's thread when asked. */
final class QueueFixture {
  static final Instant START = Instant.parse("2026-11-22T08:00:00Z");
  static final RetrySchedule RETRY = new RetrySchedule(Duration.ofMinutes(5), Duration.ofHours(4), 0,
      Duration.ofDays(5), Duration.ofDays(2), Duration.ofHours(4));
  static final QueueSettings SETTINGS = new QueueSettings(RETRY, SiteLimits.DEFAULT, 200, 1000, 50_000, Duration.ZERO,
      Optional.empty());

  final SettableClock clock = new SettableClock(START);
  final InMemorySpool spool = new InMemorySpool();
  final InMemoryQueueIndex index = new InMemoryQueueIndex();
  final HeldBackWrites writes = new HeldBackWrites(index);
  final FixedDelivery delivery = new FixedDelivery();
  final RecordedReports reports = new RecordedReports();
  final AtomicReference<QueueSettings> settings = new AtomicReference<>(SETTINGS);
  final QueuedThreads threads = new QueuedThreads();
  final Totals totals = new Totals();
  final QueueStores stores;
  Scheduler scheduler;

  QueueFixture() {
    this(Path.of("no-such-directory", "pauses"));
  }

  QueueFixture(Path pauseFile) {
    stores = new QueueStores(spool, index, writes, Pauses.at(pauseFile));
    scheduler = scheduler();
  }

  /** Returns the operator's view of the scheduler that runs now. */
  QueueControl control() {
    return new QueueControl(stores, scheduler, settings::get, totals, clock);
  }

  private Scheduler scheduler() {
    var settlement = new Settlement(spool, reports, settings::get, clock, new Random(1));
    return new Scheduler(stores, delivery, settlement, settings::get, clock, threads, totals);
  }

  /** Begins anew with what is on disk, as after a crash; what the index does not know is added. */
  void restart() {
    writes.drop();
    threads.drop();
    scheduler = scheduler();
    var known = new HashSet<QueueId>();
    index.forEachId(known::add);
    known.stream()
        .filter(id -> spool.read(id).isEmpty())
        .forEach(
            id -> index.apply(new QueueIndex.Changes(List.of(), List.of(), List.of(), List.of(id))));
    spool.ids().stream().filter(id -> !known.contains(id)).forEach(this::addToIndex);
    scheduler.load();
  }

  private void addToIndex(QueueId id) {
    var entry = spool.read(id).orElseThrow();
    var destinations = new TreeMap<RecipientNumber, Destination>();
    entry.pending()
        .forEach(recipient -> destinations.put(recipient,
            delivery.destinationOf(entry.message().envelope().recipient(recipient).address())));
    index.apply(new QueueIndex.Changes(List.of(new QueueIndex.Addition(entry, destinations,
        entry.startsAt().isAfter(clock.instant()) ? entry.startsAt() : clock.instant())),
        List.of(), List.of(), List.of()));
  }

  static Mailbox mailbox(String address) {
    int at = address.lastIndexOf('@');
    return new Mailbox(address.substring(0, at), Domain.of(address.substring(at + 1)));
  }

  static Envelope envelope(String from, Recipient... to) {
    return new Envelope(from.isEmpty() ? ReversePath.NULL : ReversePath.of(mailbox(from)), List.of(to),
        BodyType.SEVEN_BIT, false, "local");
  }

  /** Queues a message and schedules it. */
  QueuedMessage submit(String from, String... to) {
    return submit(envelope(from, Arrays.stream(to)
        .map(address -> Recipient.of(mailbox(address)))
        .toArray(Recipient[]::new)));
  }

  QueuedMessage submit(Envelope envelope) {
    var message = spool.put(envelope, clock.instant(), "Subject: x\r\n\r\ny\r\n".getBytes(StandardCharsets.US_ASCII));
    scheduler.submit(message);
    return message;
  }

  /** Does everything that can be done now. */
  void run() {
    int rounds = 0;
    do {
      scheduler.step();
      if (++rounds > 1_000_000) {
        throw new IllegalStateException("the scheduler does not come to rest");
      }
    } while (threads.runOne());
  }

  /** Lets time pass in steps, doing everything that is due in between. */
  void pass(Duration time, Duration step) {
    Instant end = clock.instant().plus(time);
    while (clock.instant().isBefore(end)) {
      clock.advance(step);
      run();
    }
  }
}
