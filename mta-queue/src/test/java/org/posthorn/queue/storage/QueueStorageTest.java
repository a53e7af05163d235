package org.posthorn.queue.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.posthorn.queue.Destination;
import org.posthorn.queue.Messages;
import org.posthorn.queue.QueueFilter;
import org.posthorn.queue.QueueId;
import org.posthorn.queue.QueueIdSource;
import org.posthorn.queue.QueueIndex.Addition;
import org.posthorn.queue.QueueIndex.Changes;
import org.posthorn.queue.QueueIndex.Deferral;
import org.posthorn.queue.QueueIndex.Finish;
import org.posthorn.queue.QueueIndex.Listing;
import org.posthorn.queue.QueueStores;
import org.posthorn.queue.RecipientNumber;
import org.posthorn.queue.Reconciliation.LastEnd;
import org.posthorn.queue.SpoolEvent;
import org.posthorn.queue.SpoolException;
import org.posthorn.queue.spool.Disk;
import org.posthorn.queue.spool.FaultyDisk;
import org.posthorn.queue.spool.FaultyDisk.Step;
import org.posthorn.queue.spool.LocalDisk;
import org.posthorn.queue.spool.SpoolSettings;
import org.posthorn.queue.spool.WrappedDisk;
import org.posthorn.smtp.EnhancedStatus;
import org.posthorn.smtp.Mailbox;

class QueueStorageTest {
  private static final Instant NOW = Instant.parse("2026-11-22T10:00:00Z");
  private static final Instant LATER = NOW.plusSeconds(300);
  private static final RecipientNumber FIRST = new RecipientNumber(0);
  private static final RecipientNumber SECOND = new RecipientNumber(1);

  @TempDir
  Path directory;

  @Test
  void keepsIndexAndSpoolOverACleanEnd() {
    var id = storeAndDefer();

    try (var storage = open()) {
      var stores = reconcile(storage);
      assertThat(listing(stores)).singleElement()
          .returns(id, Listing::id)
          .returns(LATER, Listing::due)
          .returns(SECOND, Listing::recipient);
    }
  }

  @Test
  void looksCloserAfterACrash() throws IOException {
    storeAndDefer();
    assertThat(Files.exists(directory.resolve("clean"))).isTrue();
    crashAfterAnEventThatTheIndexMissed();

    try (var storage = open()) {
      assertThat(listing(reconcile(storage))).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource({"same boot, same boot, 1", "this boot, that boot, 2", "this boot, '', 2"})
  void findsRowsThatAPowerCutTook(String before, String after, int found) {
    try (var storage = open(before)) {
      var stores = reconcile(storage);
      try (var draft = stores.spool().draft(Messages.envelope("s@s.example", "x@a.example", "y@b.example"), NOW)) {
        var id = draft.commit().id();
        var sites = Map.of(FIRST, new Destination("a.example"), SECOND, new Destination("b.example"));
        var addition = new Addition(stores.spool().read(id).orElseThrow(), sites, NOW, stores.spool().length(id));
        stores.index().apply(new Changes(List.of(addition), List.of(), List.of(), List.of()));
        stores.index().apply(changes(new Finish(id, SECOND))); // as a torn page may have it
      }
    } finally {
      assertThat(directory.resolve("clean").toFile().delete()).isTrue();
    }

    try (var storage = open(after)) {
      assertThat(listing(reconcile(storage))).hasSize(found);
    }
  }

  @Test
  void takesItForAPowerCutAgainWhenTheComparisonWasCutShort() {
    storeAndDefer();
    try (var storage = open("this boot")) {
      reconcile(storage);
    } finally {
      assertThat(directory.resolve("clean").toFile().delete()).isTrue();
    }
    try (var storage = open("that boot")) {
      assertThat(storage.spool()).isNotNull(); // and nothing is compared
    }

    assertThat(directory.resolve("boot")).hasContent("this boot");
  }

  private static Changes changes(Finish finish) {
    return new Changes(List.of(), List.of(), List.of(finish), List.of());
  }

  @Test
  void looksCloserAfterTheDiskRefusedToRecordWhatIsThereAllTheSame() {
    var id = storeAndDefer();
    var disk = new FaultyDisk(new LocalDisk());
    try (var storage = open(disk)) {
      var spool = reconcile(storage).spool();
      disk.failWhen(step -> step == Step.SYNC);
      assertThatThrownBy(() -> spool.record(id, List.of(done(SECOND)))).isInstanceOf(SpoolException.class);
      disk.heal();
    }

    try (var storage = open()) {
      assertThat(storage.lastEnd()).isEqualTo(LastEnd.UNCLEAN);
      assertThat(listing(reconcile(storage))).isEmpty();
    }
    assertThat(startAndEnd("")).isEqualTo(LastEnd.CLEAN); // once was enough
  }

  @Test
  void saysHowTheProcessBeforeEnded() throws IOException {
    var clean = directory.resolve("clean");
    assertThat(startAndEnd("this boot")).isEqualTo(LastEnd.NONE);
    assertThat(startAndEnd("this boot")).isEqualTo(LastEnd.CLEAN);
    Files.delete(clean); // as a crash leaves it
    assertThat(startAndEnd("this boot")).isEqualTo(LastEnd.UNCLEAN);
    assertThat(startAndEnd("this boot")).isEqualTo(LastEnd.CLEAN);
    Files.delete(clean);
    assertThat(startAndEnd("that boot")).isEqualTo(LastEnd.POWER_LOST);
    assertThat(startAndEnd("that boot")).isEqualTo(LastEnd.CLEAN);
    Files.delete(clean);
    assertThat(startAndEnd("")).isEqualTo(LastEnd.POWER_LOST);
  }

  @Test
  void aSpoolOrAnIndexAloneHadAProcessBefore() throws IOException {
    startAndEnd("this boot");
    Files.delete(directory.resolve("clean"));
    Files.delete(directory.resolve("boot"));
    var index = directory.resolve("index.mv.db");
    Files.move(index, directory.resolve("backup"));
    assertThat(startAndEnd("this boot")).isEqualTo(LastEnd.POWER_LOST);

    var other = Files.createDirectory(directory.resolve("other"));
    Files.move(directory.resolve("backup"), other.resolve("index.mv.db"));
    try (var storage = QueueStorage.open(other, new LocalDisk(), SpoolSettings.DEFAULT,
        new QueueIdSource(InstantSource.fixed(NOW), new Random(1)))) {
      assertThat(storage.lastEnd()).isEqualTo(LastEnd.POWER_LOST);
    }
  }

  /** What the process before recorded, and did not sync, the disk refuses to sync now too. */
  @Test
  void endsNotCleanWhileTheDiskDoesNotSyncWhatItReads() throws IOException {
    storeAndDefer();
    crashAfterAnEventThatTheIndexMissed();
    var disk = new FaultyDisk(new LocalDisk());
    disk.failWhen(Step.SYNC::equals);
    try (var storage = open(disk)) {
      assertThat(storage.lastEnd()).isEqualTo(LastEnd.UNCLEAN);
      assertThat(reconcile(storage)).isNotNull();
      disk.heal();
    }
    assertThat(startAndEnd("")).isNotEqualTo(LastEnd.CLEAN);
  }

  private LastEnd startAndEnd(String boot) {
    try (var storage = open(boot)) {
      assertThat(reconcile(storage)).isNotNull();
      return storage.lastEnd();
    }
  }

  @Test
  void makesALostIndexFromTheSpool() throws IOException {
    var id = storeAndDefer();
    Files.delete(directory.resolve("index.mv.db"));

    try (var storage = open()) {
      assertThat(listing(reconcile(storage))).singleElement()
          .returns(id, Listing::id)
          .returns(NOW, Listing::due)
          .returns(SECOND, Listing::recipient);
    }
  }

  @Test
  void doesNotTrustAnIndexThatWasReplaced() throws IOException {
    var id = storeAndDefer();
    var index = directory.resolve("index.mv.db");
    Files.copy(index, directory.resolve("backup"));
    try (var storage = open()) {
      var stores = reconcile(storage);
      stores.spool().record(id, List.of(new SpoolEvent.Held(NOW)));
      stores.index().setHeld(List.of(id), true);
    }
    Files.copy(directory.resolve("backup"), index, StandardCopyOption.REPLACE_EXISTING);
    Files.setLastModifiedTime(index, FileTime.from(NOW)); // the clock of the file system may not have moved on

    try (var storage = open()) {
      assertThat(listing(reconcile(storage))).singleElement().returns(true, Listing::held);
    }
  }

  @Test
  void makesAnIndexAnewWhoseDamageShowsLate() throws IOException {
    storeAndDefer();
    try (var file = FileChannel.open(directory.resolve("index.mv.db"), StandardOpenOption.WRITE)) {
      byte[] noise = new byte[(int) Math.max(0, file.size() - 3 * 4_096)];
      new Random(7).nextBytes(noise);
      file.write(ByteBuffer.wrap(noise), 2 * 4_096);
    }

    try (var storage = open()) {
      assertThat(listing(reconcile(storage))).singleElement().returns(SECOND, Listing::recipient);
    }
  }

  @Test
  void opensOnce() {
    try (var storage = open()) {
      assertThat(storage.spool()).isNotNull();
      assertThatThrownBy(this::open).isInstanceOf(SpoolException.class).hasMessageContaining("another process");
    }
  }

  /** Stores a message for two, of whom one is done and one deferred, and ends cleanly. */
  private QueueId storeAndDefer() {
    try (var storage = open()) {
      var stores = reconcile(storage);
      QueueId id;
      try (var draft = stores.spool().draft(Messages.envelope("s@s.example", "x@a.example", "y@b.example"), NOW)) {
        id = draft.commit().id();
      }
      stores.spool().record(id, List.of(done(FIRST)));
      var entry = stores.spool().read(id).orElseThrow();
      var addition = new Addition(entry, Map.of(SECOND, new Destination("b.example")), NOW);
      stores.writes()
          .write(new Changes(List.of(addition), List.of(new Deferral(id, SECOND, LATER, 1, "450 later")),
              List.of(), List.of()), () -> {});
      return id;
    }
  }

  /** Runs as a process does that dies: nothing is closed but what the test must close to go on. */
  private void crashAfterAnEventThatTheIndexMissed() {
    try (var storage = open()) {
      var id = listing(reconcile(storage)).getFirst().id();
      storage.spool().record(id, List.of(done(SECOND)));
    } finally {
      assertThat(directory.resolve("clean").toFile().delete()).isTrue();
    }
  }

  private QueueStorage open() {
    return open(new LocalDisk());
  }

  private QueueStorage open(String boot) {
    return open(new WrappedDisk(new LocalDisk()) {
      @Override
      public Optional<String> boot() {
        return Optional.of(boot).filter(id -> !id.isEmpty());
      }
    });
  }

  private QueueStorage open(Disk disk) {
    return QueueStorage.open(directory, disk, SpoolSettings.DEFAULT,
        new QueueIdSource(InstantSource.fixed(NOW), new Random(1)));
  }

  private static QueueStores reconcile(QueueStorage storage) {
    return storage.reconcile(QueueStorageTest::route, InstantSource.fixed(NOW));
  }

  private static Destination route(Mailbox recipient) {
    return new Destination(recipient.host().toString());
  }

  private static List<Listing> listing(QueueStores stores) {
    var rows = new ArrayList<Listing>();
    stores.index().find(QueueFilter.ALL, rows::add);
    return rows;
  }

  private static SpoolEvent done(RecipientNumber number) {
    return new SpoolEvent.Finished(number, NOW, EnhancedStatus.of("2.0.0"), "250 ok");
  }
}
