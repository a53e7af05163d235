package org.posthorn.queue.powercut;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.posthorn.queue.Destination;
import org.posthorn.queue.Messages;
import org.posthorn.queue.QueueFilter;
import org.posthorn.queue.QueueId;
import org.posthorn.queue.QueueIdSource;
import org.posthorn.queue.QueueIndex.Addition;
import org.posthorn.queue.QueueIndex.Changes;
import org.posthorn.queue.QueueStores;
import org.posthorn.queue.RecipientNumber;
import org.posthorn.queue.Reconciliation.LastEnd;
import org.posthorn.queue.SpoolEvent;
import org.posthorn.queue.SpoolException;
import org.posthorn.queue.spool.FaultyDisk;
import org.posthorn.queue.spool.FaultyDisk.Step;
import org.posthorn.queue.spool.JournalSettings;
import org.posthorn.queue.spool.SpoolSettings;
import org.posthorn.queue.storage.QueueStorage;
import org.posthorn.smtp.EnhancedStatus;
import org.posthorn.smtp.Mailbox;

/**
 * A process dies between a write and its sync, the next one goes on with what it reads and ends as asked to, and then the power
 * fails: the start after that trusts the index, and may.
 */
class KillAndCutTest {
  private static final Instant NOW = Instant.parse("2026-11-22T10:00:00Z");
  private static final RecipientNumber FIRST = new RecipientNumber(0);
  private static final RecipientNumber SECOND = new RecipientNumber(1);
  private static final SpoolSettings SETTINGS = new SpoolSettings(0, 2, new JournalSettings(8_000, 20_000, 10_000, 15,
      1 << 20, new JournalSettings.Timing(Duration.ofMillis(2), Duration.ofDays(1), Duration.ofSeconds(5))));
  private static final int SMALL = 100;
  private static final int LARGE = 20_000;
  private static final int IMAGES = 8;

  @TempDir
  Path directory;

  private final QueueIdSource ids = new QueueIdSource(InstantSource.fixed(NOW), new Random(1));

  /** What the process that dies has written and not synced, and where the next one sees to it. */
  enum Begun {
    /** That a recipient is done. */
    RECORD("FileSpool.secure:", "1"),
    /** The file of a message that was in the journal. */
    MOVE("SpoolLayout.syncDirectories:", "0 1"),
    /** The same, behind the mark of a clean end. */
    LAST_MOVE("SpoolLayout.syncDirectories:", "0 1"),
    /** That a message is gone. */
    REMOVAL("SpoolLayout.syncDirectories:", "");

    final String site;
    /** Who waits in the end. */
    final String waiting;

    Begun(String site, String waiting) {
      this.site = site;
      this.waiting = waiting;
    }
  }

  @ParameterizedTest
  @EnumSource
  void whatAProcessGoesOnWithOutlastsAPowerCut(Begun begun) {
    assertThat(broken(begun, _ -> false)).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void wouldNotWithoutASyncAtItsStart(Begun begun) {
    assertThat(broken(begun, site -> site.startsWith(begun.site))).isNotEmpty();
  }

  /** Returns what is wrong after power cuts, when syncs at some places have no effect. */
  private List<String> broken(Begun begun, Predicate<String> isForgotten) {
    var log = new DiskLog();
    var plain = new RecordedDisk(DiskImage.empty(directory), log, "one boot");
    try (var _ = RecordedIndex.begin(DiskImage.empty(directory), directory, log)) {
      die(begun, new FaultyDisk(plain));
      try (var storage = open(new FaultyDisk(plain))) {
        assertThat(storage.lastEnd()).isEqualTo(begun == Begun.LAST_MOVE ? LastEnd.CLEAN : LastEnd.UNCLEAN);
        assertThat(indexed(reconcile(storage))).isEqualTo(begun.waiting);
      }
    }
    var broken = new ArrayList<String>();
    for (int seed = 0; seed < IMAGES; seed++) {
      var cut = new PowerCut(DiskImage.empty(directory), isForgotten);
      log.steps().forEach(cut::follow);
      look(begun, cut.image(new SplittableRandom(seed)), broken);
    }
    return broken;
  }

  private void die(Begun begun, FaultyDisk disk) {
    var storage = open(disk);
    var stores = reconcile(storage);
    boolean isMove = begun == Begun.MOVE || begun == Begun.LAST_MOVE;
    var id = store(stores, isMove ? SMALL : LARGE);
    switch (begun) {
      case RECORD -> {
        disk.failWhen(Step.SYNC::equals);
        assertThatThrownBy(() -> stores.spool()
            .record(id, List.of(new SpoolEvent.Finished(FIRST, NOW,
                EnhancedStatus.of("2.0.0"), "250 ok"))))
            .isInstanceOf(SpoolException.class);
      }
      case REMOVAL -> {
        disk.failWhen(Step.SYNC_DIRECTORY::equals);
        assertThatThrownBy(() -> stores.spool().remove(id)).isInstanceOf(SpoolException.class);
      }
      case MOVE, LAST_MOVE -> { // which happens when it closes
      }
    }
    var isMoved = new AtomicBoolean();
    disk.failWhen(switch (begun) {
      case RECORD, REMOVAL -> _ -> true;
      case MOVE -> step -> step == Step.SYNC_DIRECTORY || step == Step.DELETE;
      case LAST_MOVE -> step -> step == Step.RENAME ? isMoved.getAndSet(true) : isMoved.get();
    });
    storage.close();
  }

  private static QueueId store(QueueStores stores, int bytes) {
    try (var draft = stores.spool().draft(Messages.envelope("s@s.example", "x@a.example", "y@b.example"), NOW)) {
      draft.write(new byte[bytes], 0, bytes);
      var id = draft.commit().id();
      var sites = Map.of(FIRST, new Destination("a.example"), SECOND, new Destination("b.example"));
      var addition = new Addition(stores.spool().read(id).orElseThrow(), new TreeMap<>(sites), NOW,
          stores.spool().length(id));
      stores.index().apply(new Changes(List.of(addition), List.of(), List.of(), List.of()));
      return id;
    }
  }

  /** Starts on what a power cut left, and adds to {@code broken} what is not as it should be. */
  private void look(Begun begun, DiskImage image, List<String> broken) {
    var log = new DiskLog();
    try (var _ = RecordedIndex.begin(image, directory, log);
        var storage = open(new FaultyDisk(new RecordedDisk(image, log, "next boot")))) {
      assertThat(storage.lastEnd()).isEqualTo(LastEnd.CLEAN);
      var stores = reconcile(storage);
      if (!inSpool(stores).equals(begun.waiting) || !indexed(stores).equals(begun.waiting)) {
        broken.add("spool %s, index %s".formatted(inSpool(stores), indexed(stores)));
      }
      RecordedIndex.kill(directory);
    }
  }

  private QueueStorage open(FaultyDisk disk) {
    return QueueStorage.open(directory, disk, SETTINGS, ids);
  }

  private static QueueStores reconcile(QueueStorage storage) {
    return storage.reconcile(KillAndCutTest::route, InstantSource.fixed(NOW));
  }

  private static Destination route(Mailbox recipient) {
    return new Destination(recipient.host().toString());
  }

  private static String inSpool(QueueStores stores) {
    var waiting = new TreeSet<String>();
    stores.spool()
        .forEachId(
            id -> stores.spool().read(id).orElseThrow().pending().forEach(number -> waiting.add("" + number.value())));
    return String.join(" ", waiting);
  }

  private static String indexed(QueueStores stores) {
    var rows = new TreeSet<String>();
    stores.index().find(QueueFilter.ALL, row -> rows.add("" + row.recipient().value()));
    return String.join(" ", rows);
  }
}
