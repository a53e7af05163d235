package org.posthorn.queue.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthorn.queue.SpoolException;

/** What the journal makes of a disk that fails, and of one that holds what was never written so. */
class JournalFaultTest extends JournalFixture {
  @Test
  void ignoresATornTail() throws IOException {
    var message = store(content(100));
    append(segments().getLast(), "record e 00".getBytes(java.nio.charset.StandardCharsets.US_ASCII));

    crash(SETTINGS);

    assertThat(allIds()).containsExactly(message.id());
    rounds(6);
    assertThat(disk.list(JOURNAL.resolve("damaged"))).isEmpty();
  }

  @Test
  void keepsWhatCanBeReadOfADamagedSegmentAndSetsTheRestAside() throws IOException {
    var first = store(content(100));
    store(content(100));
    var third = store(content(100));
    var segment = segments().getLast();
    overwrite(segment, Math.toIntExact(memory.openForReading(segment).size() / 2));

    crash(SETTINGS);

    assertThat(allIds()).containsExactlyInAnyOrder(first.id(), third.id());
    rounds(6);
    store(content(1));
    rounds(1);
    assertThat(disk.list(JOURNAL.resolve("damaged"))).containsExactly(segment.getFileName().toString());
    assertThat(files()).containsExactlyInAnyOrder(first.id(), third.id());
  }

  @Test
  void keepsEverySegmentThatWasSetAside() throws IOException {
    for (int times = 1; times <= 2; times++) {
      store(content(100));
      var second = store(content(100));
      overwrite(segments().getLast(), 200);
      crash(SETTINGS);
      spool.remove(second.id());
      spool.close();
      spool = open(SETTINGS); // with nothing left but what was set aside
      assertThat(disk.list(JOURNAL.resolve("damaged"))).hasSize(times);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"WRITE", "SYNC"})
  void bringsBackNothingThatWasRefused(FaultyDisk.Step step) {
    var before = store(content(100));
    disk.failWhen(step::equals);
    assertThatThrownBy(() -> store(content(200))).isInstanceOf(SpoolException.class);
    assertThatThrownBy(() -> spool.remove(before.id())).as("while the disk fails, what is done is waited for")
        .isInstanceOf(SpoolException.class);
    disk.heal();
    var after = store(content(300));

    assertThat(allIds()).containsExactlyInAnyOrder(before.id(), after.id());
    crash(SETTINGS);
    assertThat(allIds()).doesNotHaveDuplicates().contains(after.id()).isSubsetOf(before.id(), after.id());
  }

  @Test
  @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void goesOnAfterAnErrorWhileItCutsOffWhatWasRefused() {
    disk.failWhen(step -> {
      if (step == FaultyDisk.Step.TRUNCATE) {
        throw new LinkageError("as the test wants it");
      }
      return step == FaultyDisk.Step.SYNC;
    });
    assertThatThrownBy(() -> store(content(100))).isInstanceOf(SpoolException.class);
    disk.heal();
    assertThat(allIds()).isEmpty();
    var after = store(content(200));

    crash(SETTINGS);
    assertThat(allIds()).containsExactly(after.id());
  }

  @Test
  void triesAMoveAgainThatTheDiskRefused() {
    var message = store(content(100));
    spool.retain(message.id());
    disk.failWhen(FaultyDisk.Step.RENAME::equals);
    rounds(6);
    assertThat(files()).isEmpty();

    disk.heal();
    rounds(1);
    assertThat(files()).containsExactly(message.id());
  }

  @Test
  void goesOnTakingSegmentsAwayAfterTheDiskFailedOnce() {
    var small = new JournalSettings(1_000, 1 << 20, 2_000, 100, 1 << 20, STILL);
    spool.close();
    spool = open(small);
    for (int i = 0; i < 5; i++) {
      spool.remove(store(content(500)).id());
    }
    store(content(1));
    disk.failOnceAt(FaultyDisk.Step.SYNC_DIRECTORY);
    rounds(1);
    disk.heal();
    rounds(1);

    assertThat(segments()).hasSize(1);
  }
}
