package org.posthorn.queue.powercut;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.random.RandomGenerator;
import org.posthorn.queue.Destination;
import org.posthorn.queue.Messages;
import org.posthorn.queue.QueueFilter;
import org.posthorn.queue.QueueId;
import org.posthorn.queue.QueueIdSource;
import org.posthorn.queue.QueueIndex;
import org.posthorn.queue.QueueIndex.Addition;
import org.posthorn.queue.QueueIndex.Changes;
import org.posthorn.queue.QueueIndex.Deferral;
import org.posthorn.queue.QueueIndex.Finish;
import org.posthorn.queue.QueueIndex.Size;
import org.posthorn.queue.QueueStores;
import org.posthorn.queue.RecipientNumber;
import org.posthorn.queue.Spool;
import org.posthorn.queue.SpoolEvent;
import org.posthorn.queue.SpoolException;
import org.posthorn.queue.StoreException;
import org.posthorn.queue.spool.FaultyDisk;
import org.posthorn.queue.spool.FileSpool;
import org.posthorn.queue.spool.JournalSettings;
import org.posthorn.queue.spool.JournaledSpool;
import org.posthorn.queue.spool.SpoolSettings;
import org.posthorn.queue.storage.QueueStorage;
import org.posthorn.smtp.EnhancedStatus;
import org.posthorn.smtp.Mailbox;
import org.posthorn.testkit.SettableClock;

/**
 * What a data directory goes through from one power cut to the next: the storage starts on what the disk holds, and mail is
 * taken, recorded and removed by chance. The disk refuses now and then.
 */
final class Life {
  private static final Instant NOW = Instant.parse("2026-11-22T10:00:00Z");

  private static final JournalSettings JOURNAL = new JournalSettings(8_000, 20_000, 10_000, 15, 1 << 20,
      new JournalSettings.Timing(Duration.ofMillis(2), Duration.ofMillis(5), Duration.ofSeconds(5)));
  private static final SpoolSettings SETTINGS = new SpoolSettings(0, 2, JOURNAL);
  private static final int ENVELOPE_AT = 80;

  private final Path directory;
  private final DiskImage start;
  private final RandomGenerator random;
  private final int number;
  private final SettableClock clock;
  private final DiskLog log = new DiskLog();
  private final RecordedDisk plain;
  private final FaultyDisk disk;
  private Promises promises = new Promises(log);

  /** Lives on {@code start}, the {@code number}th life of its mail; {@code directory} is real, for the index. */
  Life(Path directory, DiskImage start, RandomGenerator random, int number) {
    this.directory = directory;
    this.start = start;
    this.random = random;
    this.number = number;
    this.clock = new SettableClock(NOW.plus(Duration.ofHours(number)));
    this.plain = new RecordedDisk(start, log, "life " + number);
    this.disk = new FaultyDisk(plain);
  }

  /** Returns which life of its mail it is. */
  int number() {
    return number;
  }

  /** Returns what was done to the disk. */
  DiskLog log() {
    return log;
  }

  /** Returns what was promised. */
  Promises promises() {
    return promises;
  }

  /** Starts the spool alone, and checks what is there with {@code before}, which ended at step {@code cut}. */
  void look(Promises before, int cut) {
    var files = FileSpool.open(directory.resolve("spool"), disk, SETTINGS, new QueueIdSource(clock, random));
    try (var spool = JournaledSpool.open(directory.resolve("journal"), disk, files, JOURNAL)) {
      before.check(cut, found(spool), aside());
    }
  }

  /**
   * Starts, checks what is there with {@code before}, the promises of the life before, which ended at step {@code cut}, and
   * goes on with {@code acts} acts, and half as many after a clean end.
   */
  void live(Promises before, int cut, int acts) {
    try (var _ = RecordedIndex.begin(start, directory, log)) {
      try {
        live(before, cut, acts, new QueueIdSource(clock, random));
      } catch (StoreException _) {
        // Damage of the index that shows only later: a restart makes it anew.
        live(before, cut, acts, new QueueIdSource(clock, random));
      }
    }
  }

  private void live(Promises before, int cut, int acts, QueueIdSource ids) {
    try (var storage = open(ids)) {
      var stores = storage.reconcile(Life::route, clock);
      var found = found(stores.spool());
      before.check(cut, found, aside());
      checkIndex(stores.index(), found);
      if (acts == 0) {
        RecordedIndex.kill(directory);
        return;
      }
      promises = Promises.of(found, log);
      act(stores, acts);
    }
    promises.synced();
    try (var storage = open(ids)) {
      act(storage.reconcile(Life::route, clock), acts / 2);
    }
  }

  private QueueStorage open(QueueIdSource ids) {
    return QueueStorage.open(directory, disk, SETTINGS, ids);
  }

  private static Destination route(Mailbox recipient) {
    return new Destination(recipient.host().toString());
  }

  private static Map<QueueId, Promises.Found> found(Spool spool) {
    var found = new HashMap<QueueId, Promises.Found>();
    spool.forEachId(id -> {
      var entry = spool.read(id).orElseThrow(() -> new AssertionError("damaged: " + id));
      found.put(id, new Promises.Found(entry, content(spool, id)));
    });
    return found;
  }

  /** Checks that the index has those who wait, on hold or not, and nobody else, whatever way it is asked. */
  private static void checkIndex(QueueIndex index, Map<QueueId, Promises.Found> found) {
    var waiting = new TreeSet<String>();
    var free = new TreeSet<String>();
    found.forEach((id, message) -> message.entry().pending().forEach(number -> {
      waiting.add(id + "/" + number.value() + (message.entry().isHeld() ? " held" : ""));
      if (!message.entry().isHeld()) {
        free.add(id + "/" + number.value());
      }
    }));
    var indexed = new TreeSet<String>();
    index.find(QueueFilter.ALL,
        row -> indexed.add(row.id() + "/" + row.recipient().value() + (row.held() ? " held" : "")));
    assertThat(indexed).as("in the index").isEqualTo(waiting);
    assertThat(index.size()).as("counts").isEqualTo(new Size(free.size(), waiting.size() - free.size()));
    var due = new TreeSet<String>();
    index.waiting()
        .forEach(site -> index.due(site.destination(), NOW.plus(Duration.ofDays(100)), 10_000, Set.of())
            .forEach(row -> due.add(row.id() + "/" + row.recipient().value())));
    assertThat(due).as("due some time").isEqualTo(free);
  }

  private Set<QueueId> aside() {
    return start.files()
        .keySet()
        .stream()
        .filter(file -> file.startsWith(directory.resolve("spool/damaged")))
        .map(file -> new QueueId(String.valueOf(file.getFileName()).replace(".msg", "")))
        .collect(Collectors.toSet());
  }

  private static byte[] content(Spool spool, QueueId id) {
    try (var content = spool.content(id).open()) {
      return content.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException("content of " + id, e);
    }
  }

  private void act(QueueStores stores, int acts) {
    for (int i = 0; i < acts; i++) {
      clock.advance(Duration.ofMillis(random.nextInt(800)));
      switch (random.nextInt(16)) {
        case 0, 1 -> disk.failOnceAt(1 + random.nextInt(5));
        case 2 -> disk.failOnceAt(FaultyDisk.Step.SYNC_DIRECTORY);
        default -> disk.heal();
      }
      try {
        act(stores);
      } catch (SpoolException _) {
        // as the disk was told
      } catch (StoreException _) {
        // a damaged index, which is no reason to lose mail
      }
    }
    disk.heal();
  }

  private void act(QueueStores stores) {
    var present = promises.present();
    if (present.isEmpty() || random.nextInt(5) < 2) {
      store(stores.spool());
      return;
    }
    var id = present.get(random.nextInt(present.size()));
    switch (random.nextInt(12) == 0 ? -1 : random.nextInt(5)) {
      case -1 -> spoil(stores.spool(), id);
      case 0, 1 -> record(stores, id);
      case 2 -> {
        promises.removing(id);
        stores.spool().remove(id);
        promises.removed(id);
        stores.writes().write(new Changes(List.of(), List.of(), List.of(), List.of(id)), () -> {});
      }
      default -> index(stores, id);
    }
  }

  private void spoil(Spool spool, QueueId id) {
    if (plain.spoil(id + ".msg", ENVELOPE_AT)) {
      promises.spoiled(id);
      spool.read(id);
    }
  }

  private void store(Spool spool) {
    int size = random.nextInt(4) == 0 ? random.nextInt(150_000) : random.nextInt(3_000);
    byte[] content = new byte[size];
    random.nextBytes(content);
    var to = new ArrayList<String>();
    for (int i = 0; i <= random.nextInt(4); i++) {
      to.add("u" + i + "@" + (random.nextBoolean() ? "a" : "b") + ".example");
    }
    var envelope = Messages.envelope("s@s.example", to.toArray(String[]::new));
    var refused = new ArrayList<QueueId>();
    try (var draft = spool.draft(envelope, clock.instant())) {
      promises.storing(draft.id(), envelope, content);
      refused.add(draft.id());
      draft.write(content, 0, size);
      if (random.nextInt(8) > 0) {
        draft.commit();
        promises.stored(draft.id());
        if (size < JOURNAL.largestEntryBytes() / 2) {
          promises.synced();
        }
        refused.clear();
      }
    } finally {
      refused.forEach(promises::refused);
    }
  }

  private void record(QueueStores stores, QueueId id) {
    var events = new ArrayList<SpoolEvent>();
    for (int i = 0; i <= random.nextInt(3); i++) {
      var number = new RecipientNumber(random.nextInt(promises.recipients(id)));
      events.add(switch (random.nextInt(4)) {
        case 0 -> new SpoolEvent.Held(clock.instant());
        case 1 -> new SpoolEvent.DelayReported(number, clock.instant());
        default -> new SpoolEvent.Finished(number, clock.instant(), EnhancedStatus.of("2.0.0"),
            "250 ok " + "x".repeat(random.nextInt(400)));
      });
    }
    promises.recording(id, events);
    stores.spool().record(id, events);
    promises.recorded(id);
    var finishes = events.stream()
        .filter(SpoolEvent.Finished.class::isInstance)
        .map(event -> new Finish(id, ((SpoolEvent.Finished) event).recipient()))
        .toList();
    stores.writes().write(new Changes(List.of(), List.of(), finishes, List.of()), () -> {});
    if (events.stream().anyMatch(SpoolEvent.Held.class::isInstance)) {
      stores.writes().flush();
      stores.index().setHeld(List.of(id), true);
    }
  }

  /** Tells the index of a message, as when some of it is deferred. */
  private void index(QueueStores stores, QueueId id) {
    var entry = stores.spool().read(id).orElseThrow();
    var destinations = new TreeMap<RecipientNumber, Destination>();
    var deferrals = new ArrayList<Deferral>();
    entry.pending().forEach(number -> {
      destinations.put(number, route(entry.message().envelope().recipient(number).address()));
      deferrals.add(new Deferral(id, number, clock.instant().plusSeconds(300), 1, "450 later"));
    });
    stores.spool().retain(id);
    if (!destinations.isEmpty()) {
      stores.writes()
          .write(new Changes(List.of(new Addition(entry, destinations, clock.instant())), deferrals, List.of(),
              List.of()), () -> {});
      if (random.nextBoolean()) {
        stores.writes().flush();
      }
    }
  }
}
