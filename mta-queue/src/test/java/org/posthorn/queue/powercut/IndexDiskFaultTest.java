package org.posthorn.queue.powercut;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.posthorn.queue.Destination;
import org.posthorn.queue.Messages;
import org.posthorn.queue.QueueFilter;
import org.posthorn.queue.QueueId;
import org.posthorn.queue.QueueIdSource;
import org.posthorn.queue.QueueIndex.Addition;
import org.posthorn.queue.QueueIndex.Changes;
import org.posthorn.queue.QueueIndex.Deferral;
import org.posthorn.queue.QueueIndex.Finish;
import org.posthorn.queue.QueueStores;
import org.posthorn.queue.RecipientNumber;
import org.posthorn.queue.SpoolEvent;
import org.posthorn.queue.StoreException;
import org.posthorn.queue.spool.MemoryDisk;
import org.posthorn.queue.spool.SpoolSettings;
import org.posthorn.queue.storage.QueueStorage;
import org.posthorn.smtp.EnhancedStatus;
import org.posthorn.smtp.Mailbox;
import org.posthorn.testkit.Nightly;

/**
 * The life of some messages, again and again, and each time one later operation of H2 on its own file fails, once or from then
 * on: mail is taken and its events are recorded all the same, and when the disk works again the index is what the spool is.
 */
class IndexDiskFaultTest {
  private static final Instant NOW = Instant.parse("2026-11-22T10:00:00Z");
  private static final RecipientNumber FIRST = new RecipientNumber(0);
  private static final RecipientNumber SECOND = new RecipientNumber(1);
  private static final int MOST_STEPS = 3_000;
  /** Each step nightly, else some of them, the first ones all. */
  private static final int EACH_UP_TO = Nightly.times(12, MOST_STEPS);
  private static final int STRIDE = 7;

  @TempDir
  Path directory;

  private final MemoryDisk spoolDisk = new MemoryDisk();
  private final QueueIdSource ids = new QueueIdSource(InstantSource.fixed(NOW), new Random(1));
  private int withoutRestart;
  private int steps;

  /** For how long the disk fails. */
  enum Fault {
    ONCE, FOR_GOOD
  }

  /** While the daemon starts it cannot do without the index; from then on it can. */
  enum Since {
    START, READY
  }

  /** What waits longer and longer for a disk that fails for good is for the nightly mode. */
  static Stream<Arguments> faults() {
    var always = Stream.of(Arguments.of(Fault.ONCE, Since.START), Arguments.of(Fault.ONCE, Since.READY),
        Arguments.of(Fault.FOR_GOOD, Since.START));
    return Nightly.isOn() ? Stream.concat(always, Stream.of(Arguments.of(Fault.FOR_GOOD, Since.READY))) : always;
  }

  @ParameterizedTest
  @MethodSource("faults")
  void losesNothingWhicheverOperationOnTheIndexFails(Fault fault, Since since) {
    boolean hasFailed = true;
    for (int first = 1; hasFailed; first += first < EACH_UP_TO ? 1 : STRIDE) {
      assertThat(first).as("steps of a run").isLessThan(MOST_STEPS);
      hasFailed = play(first, fault, since);
      steps++;
    }
    assertThat(steps).as("steps that were made to fail").isGreaterThan(5);
    if (since == Since.READY) {
      assertThat(withoutRestart).as("times that the index works again without a restart").isEqualTo(steps);
    }
  }

  /** Returns whether the disk came to fail. */
  private boolean play(int first, Fault fault, Since since) {
    var count = new AtomicInteger();
    var isReady = new AtomicBoolean(since == Since.START);
    try (var files = RecordedIndex.begin(DiskImage.empty(directory), directory, new DiskLog())) {
      files.failWhen(_ -> {
        int now = isReady.get() ? count.incrementAndGet() : 0;
        return fault == Fault.ONCE ? now == first : now >= first;
      });
      Set<QueueId> taken = new TreeSet<>();
      boolean isOpen = live(taken, files, isReady, first);
      files.failWhen(_ -> false);
      attempt(() -> RecordedIndex.kill(directory)); // what H2 keeps of a database that failed ends with the process
      try (var storage = open()) { // the next start
        var stores = storage.reconcile(IndexDiskFaultTest::route, InstantSource.fixed(NOW));
        assertThat(inSpool(stores)).as("in the spool, step %d", first).containsAll(waiting(taken));
        assertThat(indexed(stores)).as("in the index, step %d", first).isEqualTo(inSpool(stores));
        removeAll(stores);
      }
      assertThat(isOpen || count.get() >= first).as("started, step %d", first).isTrue();
      return count.get() >= first;
    }
  }

  /** Returns whether it started at all. */
  private boolean live(Set<QueueId> taken, RecordedIndex files, AtomicBoolean isReady, int first) {
    try (var storage = open()) {
      var stores = storage.reconcile(IndexDiskFaultTest::route, InstantSource.fixed(NOW));
      isReady.set(true);
      for (int i = 0; i < 6; i++) {
        var id = accept(stores);
        taken.add(id);
        index(stores, id);
        attempt(stores.writes()::flush);
      }
      taken.add(accept(stores));
      taken.forEach(id -> {
        stores.spool().record(id, List.of(new SpoolEvent.Finished(FIRST, NOW, EnhancedStatus.of("2.0.0"), "250 ok")));
        stores.writes().write(new Changes(List.of(), List.of(), List.of(new Finish(id, FIRST)), List.of()), () -> {});
      });
      attempt(() -> stores.index().due(new Destination("b.example"), NOW.plusSeconds(900), 10, Set.of()));
      attempt(() -> indexed(stores));
      attempt(stores.writes()::flush);
      var late = accept(stores);
      index(stores, late);
      taken.add(late);
      attempt(stores.writes()::flush);
      files.failWhen(_ -> false);
      recover(stores, late, first);
      return true;
    } catch (StoreException _) {
      return false; // it does not start without an index
    }
  }

  /** When the disk works again the index does too, by itself, unless its file is damaged. */
  private void recover(QueueStores stores, QueueId late, int first) {
    for (int i = 0; i < 4; i++) { // each connection finds out for itself that it is broken
      attempt(() -> indexed(stores));
      attempt(stores.writes()::flush);
    }
    try {
      stores.writes().flush();
      assertThat(indexed(stores)).as("in the index that goes on, step %d", first).contains(late + "/1");
      withoutRestart++;
    } catch (StoreException _) {
      // counted by not being counted
    }
  }

  private static void attempt(Runnable step) {
    try {
      step.run();
    } catch (StoreException | IllegalStateException _) {
      // as the disk was told
    }
  }

  private static QueueId accept(QueueStores stores) {
    try (var draft = stores.spool().draft(Messages.envelope("s@s.example", "x@a.example", "y@b.example"), NOW)) {
      draft.write(new byte[100], 0, 100);
      return draft.commit().id();
    }
  }

  private static void index(QueueStores stores, QueueId id) {
    var entry = stores.spool().read(id).orElseThrow();
    var destinations = Map.of(FIRST, new Destination("a.example"), SECOND, new Destination("b.example"));
    stores.writes()
        .write(new Changes(List.of(new Addition(entry, new TreeMap<>(destinations), NOW, stores.spool().length(id))),
            List.of(new Deferral(id, SECOND, NOW.plusSeconds(300), 1, "450 later")), List.of(), List.of()), () -> {});
  }

  private static void removeAll(QueueStores stores) {
    var all = new ArrayList<QueueId>();
    stores.spool().forEachId(all::add);
    all.forEach(stores.spool()::remove);
  }

  private static Set<String> waiting(Set<QueueId> taken) {
    var waiting = new TreeSet<String>();
    taken.forEach(id -> waiting.add(id + "/1"));
    return waiting;
  }

  private static Set<String> inSpool(QueueStores stores) {
    var waiting = new TreeSet<String>();
    stores.spool()
        .forEachId(id -> stores.spool()
            .read(id)
            .orElseThrow()
            .pending()
            .forEach(number -> waiting.add(id + "/" + number.value())));
    return waiting;
  }

  private static Set<String> indexed(QueueStores stores) {
    var rows = new TreeSet<String>();
    stores.index().find(QueueFilter.ALL, row -> rows.add(row.id() + "/" + row.recipient().value()));
    return rows;
  }

  private static Destination route(Mailbox recipient) {
    return new Destination(recipient.host().toString());
  }

  private QueueStorage open() {
    return QueueStorage.open(directory, spoolDisk, new SpoolSettings(0, 2), ids);
  }
}
