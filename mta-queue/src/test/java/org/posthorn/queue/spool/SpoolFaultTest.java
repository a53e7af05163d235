package org.posthorn.queue.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthorn.queue.Messages;
import org.posthorn.queue.QueueId;
import org.posthorn.queue.QueueIdSource;
import org.posthorn.queue.RecipientNumber;
import org.posthorn.queue.Spool;
import org.posthorn.queue.SpoolEvent;
import org.posthorn.queue.SpoolException;
import org.posthorn.queue.spool.FaultyDisk.Step;
import org.posthorn.smtp.EnhancedStatus;

/** What becomes of mail when the disk fails or loses its power at any step. */
class SpoolFaultTest {
  private static final Instant NOW = Instant.parse("2026-11-22T10:00:00Z");
  private static final Path ROOT = Path.of("/spool");

  private final MemoryDisk memory = new MemoryDisk();
  private final FaultyDisk disk = new FaultyDisk(memory);
  private final QueueIdSource ids = new QueueIdSource(InstantSource.fixed(NOW), new Random(1));

  private FileSpool open() {
    return FileSpool.open(ROOT, disk, new SpoolSettings(0, 2), ids);
  }

  @ParameterizedTest
  @ValueSource(ints = {10, 1_000, 200_000})
  void leavesNothingBehindWhenTheDiskFailsAtAnyStepOfACommit(int bytes) {
    try (var spool = open()) {
      int before = disk.steps();
      store(spool, bytes);
      int steps = disk.steps() - before;
      var stored = memory.files(ROOT);
      for (int step = 1; step <= steps; step++) {
        disk.failOnceAt(step);
        assertThatThrownBy(() -> store(spool, bytes)).isInstanceOf(SpoolException.class);
        assertThat(memory.files(ROOT)).as("failed at step %d", step).isEqualTo(stored);
      }
      disk.heal();
      store(spool, bytes);
      assertThat(memory.files(ROOT)).hasSize(stored.size() + 1);
    }
  }

  @Test
  void takesBackWhatWasRefusedAsSoonAsTheDiskLetsIt() {
    var kept = new ArrayList<QueueId>();
    try (var spool = open()) {
      disk.failWhen(step -> step == Step.SYNC_DIRECTORY || step == Step.DELETE);
      assertThatThrownBy(() -> store(spool, 100)).isInstanceOf(SpoolException.class);
      assertThatThrownBy(() -> store(spool, 100)).isInstanceOf(SpoolException.class);
      disk.heal();
      kept.add(store(spool, 100));
      disk.failWhen(step -> step == Step.SYNC_DIRECTORY || step == Step.DELETE);
      assertThatThrownBy(() -> store(spool, 100)).isInstanceOf(SpoolException.class);
      disk.heal();
    }
    for (int seed = 0; seed < 20; seed++) {
      assertThat(contents(memory.afterPowerCut(new SplittableRandom(seed))).keySet()).containsExactlyElementsOf(kept);
    }
  }

  @Test
  @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void syncsADirectoryAgainAfterAnError() {
    try (var spool = open()) {
      disk.failWhen(step -> {
        if (step == Step.SYNC_DIRECTORY) {
          throw new LinkageError("as the test wants it");
        }
        return false;
      });
      assertThatThrownBy(() -> store(spool, 100)).isInstanceOf(SpoolException.class);
      disk.heal();
      assertThat(spool.read(store(spool, 100))).isPresent();
    }
  }

  @Test
  void saysOfAnEntryThatItCannotBeRead() {
    try (var spool = open()) {
      var id = store(spool, 100);
      disk.failWhen(step -> step == Step.READ);
      var found = new ArrayList<Spool.Found>();
      spool.readEach(_ -> true, found::add);
      assertThat(found).singleElement().isInstanceOf(Spool.Found.Unreadable.class).returns(id, Spool.Found::id);
      assertThatThrownBy(() -> spool.read(id)).isInstanceOf(SpoolException.class);
    }
  }

  @ParameterizedTest
  @EnumSource(value = Step.class, names = {"WRITE", "SYNC"})
  void recordsAnEventOnceTheDiskWorksAgain(Step step) {
    try (var spool = open()) {
      var id = store(spool, 100);
      spool.record(id, List.of(done(0)));
      disk.failWhen(step::equals);
      assertThatThrownBy(() -> spool.record(id, List.of(done(1)))).isInstanceOf(SpoolException.class);

      disk.heal();
      spool.record(id, List.of(done(2)));

      assertThat(spool.read(id).orElseThrow().events()).containsExactly(done(0), done(2));
    }
  }

  @Test
  void removesOnceTheDiskWorksAgainAndSyncsThenToo() {
    try (var spool = open()) {
      var id = store(spool, 100);
      disk.failWhen(Step.SYNC_DIRECTORY::equals);
      assertThatThrownBy(() -> spool.remove(id)).isInstanceOf(SpoolException.class);

      disk.heal();
      spool.remove(id);
    }
    for (int seed = 0; seed < 20; seed++) {
      assertThat(contents(memory.afterPowerCut(new SplittableRandom(seed)))).isEmpty();
    }
  }

  @Test
  void neverTakesAReadErrorForDamage() {
    try (var spool = open()) {
      var id = store(spool, 100);
      disk.failWhen(Step.READ::equals);
      assertThatThrownBy(() -> spool.read(id)).isInstanceOf(SpoolException.class);

      disk.heal();
      assertThat(spool.read(id)).isPresent();
    }
  }

  @Test
  void takesMailAgainWhenSpaceIsFreeAgain() {
    try (var spool = FileSpool.open(ROOT, disk, new SpoolSettings(1_000, 2), ids)) {
      var envelope = Messages.envelope("s@s.example", "x@a.example");
      disk.setUsableSpace(999);
      assertThatThrownBy(() -> spool.draft(envelope, NOW)).isInstanceOf(SpoolException.class);

      disk.setUsableSpace(1_000);
      assertThatThrownBy(() -> spool.draft(envelope, NOW.plusMillis(999))).isInstanceOf(SpoolException.class);
      spool.draft(envelope, NOW.plusSeconds(1)).close();
    }
  }

  static IntStream seeds() {
    return IntStream.range(0, 300);
  }

  /** Whatever was promised before the cut is there after it; what was refused or removed is not. */
  @ParameterizedTest
  @MethodSource("seeds")
  void keepsItsPromisesOverAPowerCut(int seed) {
    var random = new SplittableRandom(seed);
    disk.failFrom(1 + random.nextInt(60)); // the power goes while something is being done
    var promised = new HashMap<QueueId, List<SpoolEvent>>();
    var uncertain = new HashMap<QueueId, List<SpoolEvent>>();
    try (var spool = open()) {
      boolean hasPower = true;
      while (hasPower) {
        hasPower = step(spool, random, promised, uncertain);
      }
    } catch (SpoolException _) {
      assertThat(promised).isEmpty(); // the power went before the spool was open
    }

    var after = contents(memory.afterPowerCut(random));

    assertThat(after.keySet()).containsAll(promised.keySet());
    promised.forEach((id, events) -> {
      var withUncertain = new ArrayList<>(events);
      withUncertain.addAll(uncertain.getOrDefault(id, List.of()));
      assertThat(after.get(id)).isIn(events, withUncertain);
    });
    after.keySet().removeAll(promised.keySet());
    assertThat(after.size()).as("no more than the one that was being stored or removed").isLessThanOrEqualTo(1);
  }

  /** Does one thing; returns false when the disk refused it. What was being done then may be there or not. */
  private boolean step(FileSpool spool, RandomGenerator random, Map<QueueId, List<SpoolEvent>> promised,
      Map<QueueId, List<SpoolEvent>> uncertain) {
    var known = List.copyOf(promised.keySet());
    int what = known.isEmpty() ? 0 : random.nextInt(3);
    var id = known.isEmpty() ? Optional.<QueueId>empty() : Optional.of(known.get(random.nextInt(known.size())));
    try {
      switch (what) {
        case 0 -> promised.put(store(spool, random.nextInt(150_000)), new ArrayList<>());
        case 1 -> {
          var event = done(random.nextInt(2));
          uncertain.put(id.orElseThrow(), List.of(event));
          spool.record(id.orElseThrow(), List.of(event));
          promised.computeIfAbsent(id.orElseThrow(), _ -> new ArrayList<>()).add(event);
          uncertain.remove(id.orElseThrow());
        }
        default -> {
          promised.remove(id.orElseThrow());
          spool.remove(id.orElseThrow());
        }
      }
      return true;
    } catch (SpoolException _) {
      return false;
    }
  }

  /** Starts anew on {@code afterwards} and returns all entries with their events; all content must be as it was. */
  private Map<QueueId, List<SpoolEvent>> contents(MemoryDisk afterwards) {
    var contents = new HashMap<QueueId, List<SpoolEvent>>();
    try (var spool = FileSpool.open(ROOT, afterwards, new SpoolSettings(0, 2), ids)) {
      spool.forEachId(id -> spool.read(id).ifPresent(entry -> {
        contents.put(id, entry.events());
        try (var content = spool.content(id).open()) {
          assertThat(content.readAllBytes()).hasSize((int) entry.message().contentBytes());
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }));
      assertThat(afterwards.files(ROOT.resolve("tmp"))).isEmpty();
      assertThat(afterwards.files(ROOT.resolve("damaged"))).isEmpty();
    }
    return contents;
  }

  @ParameterizedTest
  @EnumSource(value = Step.class, names = {"SYNC", "SYNC_DIRECTORY"})
  void wouldLoseMailWithoutASync(Step forgotten) {
    var forgetful = new ForgetfulDisk(memory, forgotten);
    int lost = 0;
    try (var spool = FileSpool.open(ROOT, forgetful, new SpoolSettings(0, 2), ids)) {
      store(spool, 10_000);
    }
    for (int seed = 0; seed < 50; seed++) {
      var after = memory.afterPowerCut(new SplittableRandom(seed));
      try (var spool = FileSpool.open(ROOT, after, new SpoolSettings(0, 2), ids)) {
        var found = new ArrayList<QueueId>();
        spool.forEachId(found::add);
        if (found.stream().noneMatch(id -> isWhole(spool, id))) {
          lost++;
        }
      }
    }
    assertThat(lost).as("cuts that lost the message").isPositive();
  }

  @Test
  void keepsADamagedEntryThatTheDiskDidNotLetItSetAside() throws IOException {
    QueueId damaged;
    try (var spool = open()) {
      damaged = store(spool, 100);
      var file = damage(damaged);
      disk.failOnceAt(Step.SYNC_DIRECTORY);
      assertThatThrownBy(() -> spool.read(damaged)).isInstanceOf(SpoolException.class);
      disk.heal();
      memory.syncDirectory(file.resolveSibling(".").normalize()); // as for another entry beside it
    }
    for (int seed = 0; seed < 50; seed++) {
      assertThat(memory.afterPowerCut(new SplittableRandom(seed)).files(ROOT))
          .anyMatch(name -> name.endsWith(damaged + ".msg"));
    }
  }

  @Test
  void aDamagedEntryHasANameThoughTheDirectoryThatItLeavesIsSyncedFirst() throws IOException {
    try (var spool = open()) {
      var damaged = store(spool, 100);
      var file = damage(damaged);
      var cuts = new ArrayList<List<Path>>();
      disk.failWhen(step -> {
        if (step == Step.SYNC_DIRECTORY) {
          memory.syncDirectory(file.resolveSibling(".").normalize()); // as for another entry beside it
          for (int seed = 0; seed < 50; seed++) {
            cuts.add(memory.afterPowerCut(new SplittableRandom(seed)).files(ROOT));
          }
        }
        return false;
      });
      assertThat(spool.read(damaged)).isEmpty();
      assertThat(cuts).isNotEmpty()
          .allSatisfy(files -> assertThat(files).anyMatch(name -> name.endsWith(damaged + ".msg")));
      assertThat(memory.files(ROOT)).contains(ROOT.resolve("damaged").resolve(damaged + ".msg")).doesNotContain(file);
    }
  }

  /** What sets entries aside must not wait for threads that do the same. */
  @Test
  @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void setsManyDamagedEntriesAsideWhileItLooksThroughAll() throws IOException {
    try (var spool = FileSpool.open(ROOT, disk, new SpoolSettings(0, 1), ids)) {
      var stored = List.of(store(spool, 100), store(spool, 100), store(spool, 100));
      damage(stored.get(0));
      damage(stored.get(1));
      var found = new ArrayList<Spool.Found>();
      spool.readEach(_ -> true, found::add);
      assertThat(found).extracting(Spool.Found::id).containsExactlyElementsOf(stored);
      assertThat(found).filteredOn(Spool.Found.Gone.class::isInstance).hasSize(2);
      assertThat(memory.files(ROOT.resolve("damaged"))).hasSize(2);
    }
  }

  private Path damage(QueueId id) throws IOException {
    var file = memory.files(ROOT).stream().filter(name -> name.endsWith(id + ".msg")).findFirst().orElseThrow();
    try (var opened = memory.openForWriting(file).orElseThrow()) {
      opened.write(new byte[]{'x'}, 0, 1, 80);
      opened.sync();
    }
    return file;
  }

  private static boolean isWhole(FileSpool spool, QueueId id) {
    try (var content = spool.content(id).open()) {
      content.readAllBytes();
      return spool.read(id).isPresent();
    } catch (IOException _) {
      return false;
    }
  }

  private static QueueId store(FileSpool spool, int bytes) {
    try (var draft = spool.draft(Messages.envelope("s@s.example", "x@a.example", "y@a.example", "z@a.example"), NOW)) {
      byte[] content = new byte[bytes];
      new Random(bytes).nextBytes(content);
      draft.write(content, 0, bytes);
      return draft.commit().id();
    }
  }

  private static SpoolEvent done(int number) {
    return new SpoolEvent.Finished(new RecipientNumber(number), NOW, EnhancedStatus.of("2.0.0"), "250 ok");
  }
}
