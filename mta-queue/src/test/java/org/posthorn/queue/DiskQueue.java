package org.posthorn.queue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.posthorn.queue.Reconciliation.LastEnd;
import org.posthorn.queue.spool.FaultyDisk;
import org.posthorn.queue.spool.FileSpool;
import org.posthorn.queue.spool.JournalSettings;
import org.posthorn.queue.spool.JournaledSpool;
import org.posthorn.queue.spool.MemoryDisk;
import org.posthorn.queue.spool.SpoolSettings;
import org.posthorn.testkit.SettableClock;

/**
 * A queue with a real spool, journal and all, on a disk in memory that can fail, crash and lose its power. The scheduler does
 * everything on the test's thread when asked.
 */
final class DiskQueue implements AutoCloseable {
  private static final Path SPOOL = Path.of("/spool");
  private static final Path JOURNAL = Path.of("/journal");
  private static final SpoolSettings SETTINGS = new SpoolSettings(0, 2,
      new JournalSettings(4_000, 30_000, 8_000, 50, 1 << 20,
          new JournalSettings.Timing(Duration.ofMillis(1), Duration.ofMillis(3), Duration.ofSeconds(5))));

  final SettableClock clock = new SettableClock(QueueFixture.START);
  final FixedDelivery delivery = new FixedDelivery();
  final RecordedReports reports = new RecordedReports();
  private final Totals totals = new Totals();
  private final Pauses pauses;
  private final QueueIdSource ids;
  private final QueuedThreads threads = new QueuedThreads();
  private MemoryDisk memory = new MemoryDisk();
  private FaultyDisk disk = new FaultyDisk(memory);
  private InMemoryQueueIndex index = new InMemoryQueueIndex();
  private HeldBackWrites writes = new HeldBackWrites(index);
  private JournaledSpool spool;
  private Scheduler scheduler;

  /** Starts on an empty disk; {@code pauseFile} is a real file. */
  DiskQueue(Path pauseFile, RandomGenerator random) {
    pauses = Pauses.at(pauseFile);
    ids = new QueueIdSource(clock, random);
    spool = openSpool();
    scheduler = scheduler();
  }

  private JournaledSpool openSpool() {
    return JournaledSpool.open(JOURNAL, disk, FileSpool.open(SPOOL, disk, SETTINGS, ids), SETTINGS.journal());
  }

  private Scheduler scheduler() {
    var settlement = new Settlement(spool, reports, () -> QueueFixture.SETTINGS, clock, new Random(1));
    return new Scheduler(stores(), delivery, settlement, () -> QueueFixture.SETTINGS, clock, threads, totals);
  }

  private QueueStores stores() {
    return new QueueStores(spool, index, writes, pauses);
  }

  FaultyDisk disk() {
    return disk;
  }

  Spool spool() {
    return spool;
  }

  InMemoryQueueIndex index() {
    return index;
  }

  /** Returns how many messages are in memory. */
  int inMemory() {
    return scheduler.queue().inspect((_, works) -> works.size());
  }

  /** Returns the operator's view of the scheduler that runs now. */
  QueueControl control() {
    return new QueueControl(stores(), scheduler, () -> QueueFixture.SETTINGS, totals, clock);
  }

  /** Takes a message as a session does; throws {@link SpoolException} when the client is to be told 452. */
  QueuedMessage accept(Envelope envelope, byte[] content) {
    QueuedMessage message;
    try (var draft = spool.draft(envelope, clock.instant())) {
      draft.write(content, 0, content.length);
      message = draft.commit();
    }
    scheduler.submit(message);
    return message;
  }

  /** The process is killed: what it wrote is on the disk, and the index. */
  void kill() {
    crash(memory, index);
  }

  /** The power fails: of what was not synced any part is on the disk, and the index is as it was, or gone. */
  void cutPower(RandomGenerator random) {
    crash(memory.afterPowerCut(random), random.nextBoolean() ? index : new InMemoryQueueIndex());
  }

  private void crash(MemoryDisk left, InMemoryQueueIndex leftIndex) {
    threads.drop();
    writes.drop();
    disk.failWhen(_ -> true); // what has died writes no more
    spool.close();
    memory = left;
    disk = new FaultyDisk(memory);
    index = leftIndex;
    start(LastEnd.UNCLEAN);
  }

  /** Ends as asked to, and starts again. */
  void restart() {
    while (threads.runOne()) {
      // lanes that have begun end first
    }
    scheduler.close(Duration.ZERO);
    spool.close();
    start(LastEnd.CLEAN);
  }

  private void start(LastEnd lastEnd) {
    writes = new HeldBackWrites(index);
    spool = openSpool();
    new Reconciliation(spool, index, delivery::destinationOf, clock).run(lastEnd);
    scheduler = scheduler();
    scheduler.pause();
    scheduler.load();
  }

  /** Lets one lane do what it finds to do; false when none has anything. */
  boolean step() {
    scheduler.step();
    return threads.runOne();
  }

  /** Does everything that can be done now. */
  void run() {
    int rounds = 0;
    while (step()) {
      if (++rounds > 100_000) {
        throw new IllegalStateException("the scheduler does not come to rest");
      }
    }
  }

  /** Lets time pass in steps, doing everything that is due in between. */
  void pass(Duration time, Duration step) {
    var end = clock.instant().plus(time);
    while (clock.instant().isBefore(end)) {
      clock.advance(step);
      run();
    }
  }

  /** Returns the ids of all messages in the spool. */
  List<QueueId> ids() {
    var found = new ArrayList<QueueId>();
    spool.forEachId(found::add);
    return found;
  }

  /** Returns the message, when it is in the spool. */
  Optional<SpoolEntry> read(QueueId id) {
    return spool.read(id);
  }

  @Override
  public void close() {
    disk.heal();
    spool.close();
  }
}
