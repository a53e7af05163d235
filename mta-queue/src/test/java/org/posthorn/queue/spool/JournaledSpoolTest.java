package org.posthorn.queue.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthorn.queue.QueueId;
import org.posthorn.queue.QueuedMessage;
import org.posthorn.queue.SpoolEntry;
import org.posthorn.queue.SpoolException;

class JournaledSpoolTest extends JournalFixture {
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 4_096, 8_191, 65_535, 65_537, 99_000, 120_000, 3_000_000})
  void givesBackWhatWasCommitted(int bytes) throws IOException {
    var message = store(content(bytes));

    assertThat(spool.read(message.id())).contains(new SpoolEntry(message, List.of()));
    assertThat(spool.content(message.id()).size()).isEqualTo(bytes);
    assertThat(contentOf(message)).isEqualTo(content(bytes));
    assertThat(allIds()).containsExactly(message.id());
  }

  @Test
  void givesASmallMessageNoFile() {
    store(content(4_096));

    assertThat(files()).isEmpty();
    assertThat(spool.fill().messages()).isEqualTo(1);
  }

  @Test
  void givesALargeMessageAFileAtOnce() {
    var message = store(content(120_000));

    assertThat(files()).containsExactly(message.id());
    assertThat(spool.fill()).isEqualTo(new JournalFill(0, 0));
  }

  @Test
  void keepsWhatWasCommittedOverAPowerCut() throws IOException {
    var first = store(content(100));
    var second = store(content(90_000));

    crash(SETTINGS);

    assertThat(allIds()).containsExactlyInAnyOrder(first.id(), second.id());
    assertThat(spool.read(first.id())).contains(new SpoolEntry(first, List.of()));
    assertThat(contentOf(second)).isEqualTo(content(90_000));
  }

  @Test
  void forgetsWhatWasRemoved() {
    var message = store(content(100));
    spool.remove(message.id());
    store(content(1)); // its sync carries the note

    assertThat(spool.read(message.id())).isEmpty();
    crash(SETTINGS);
    assertThat(spool.read(message.id())).isEmpty();
    assertThat(allIds()).hasSize(1);
  }

  @Test
  void keepsWhatHappenedToAMessage() {
    var message = store(content(100));
    spool.record(message.id(), List.of(FIRST_DONE));

    assertThat(spool.read(message.id())).contains(new SpoolEntry(message, List.of(FIRST_DONE)));
    crash(SETTINGS);
    assertThat(spool.read(message.id())).contains(new SpoolEntry(message, List.of(FIRST_DONE)));
  }

  @Test
  void givesWhatStaysAFileWithAllThatHappenedToIt() throws IOException {
    var staying = store(content(100));
    var underWay = store(content(200));
    spool.record(staying.id(), List.of(FIRST_DONE));
    var opened = spool.content(staying);
    spool.retain(staying.id());

    rounds(6);

    assertThat(files()).containsExactly(staying.id());
    assertThat(spool.read(staying.id())).contains(new SpoolEntry(staying, List.of(FIRST_DONE)));
    assertThat(opened.open().readAllBytes()).isEqualTo(content(100));
    assertThat(allIds()).containsExactlyInAnyOrder(staying.id(), underWay.id());
    spool.remove(staying.id());
    crash(SETTINGS);
    assertThat(allIds()).containsExactly(underWay.id());
  }

  @Test
  void givesWhatIsUnderWayForLongAFile() {
    var message = store(content(100));

    rounds(31);

    assertThat(files()).containsExactly(message.id());
  }

  @Test
  void readsBackWhatFoundNoRoomInMemory() throws IOException {
    spool.close();
    spool = open(new JournalSettings(100_000, 1 << 20, 0, 100, 1 << 20, STILL));
    var message = store(content(50_000));
    var opened = spool.content(message);

    assertThat(contentOf(message)).isEqualTo(content(50_000));
    spool.retain(message.id());
    rounds(6);
    store(content(1));
    assertThat(opened.open().readAllBytes()).isEqualTo(content(50_000));
    assertThat(files()).containsExactly(message.id());
    assertThat(contentOf(message)).isEqualTo(content(50_000));
  }

  @Test
  void deletesSegmentsThatAreOfNoUse() throws IOException {
    spool.close();
    spool = open(new JournalSettings(100_000, 1_000, 1 << 20, 100, 1 << 20, STILL));
    var first = store(content(1_000));
    var second = store(content(1_000));
    store(content(1_000));
    spool.remove(second.id());
    spool.round();
    assertThat(segments()).as("a later segment goes after an earlier one only").hasSize(3);

    spool.remove(first.id());
    spool.round();
    assertThat(segments()).hasSize(1);
  }

  @Test
  void goesOnMovingAfterAnError() {
    spool.close();
    spool = open(new JournalSettings(100_000, 1_000, 1 << 20, 100, 1 << 20, STILL));
    spool.remove(store(content(1_000)).id());
    var ofNoUse = segments().getFirst();
    var staying = store(content(1_000));
    spool.retain(staying.id());
    disk.failWhen(step -> {
      if (step == FaultyDisk.Step.RENAME) {
        throw new LinkageError("as the test wants it");
      }
      return false;
    });
    assertThatCode(() -> rounds(7)).doesNotThrowAnyException();
    assertThat(files()).isEmpty();
    assertThat(segments()).contains(ofNoUse);

    disk.heal();
    spool.round();
    assertThat(files()).containsExactly(staying.id());
    assertThat(segments()).doesNotContain(ofNoUse);
  }

  @Test
  void writesOverSegmentsThatAreOfNoUse() throws IOException {
    spool.close();
    spool = open(new JournalSettings(100_000, 1_000, 1 << 20, 100, 1 << 20, STILL));
    for (int i = 0; i < 10; i++) {
      spool.remove(store(content(1_000 - i)).id());
      spool.round();
    }
    var last = store(content(10));
    assertThat(lengthOf(segments().getLast())).as("what was there before is still behind it").isGreaterThan(900);

    crash(SETTINGS);

    assertThat(allIds()).containsExactly(last.id());
    assertThat(contentOf(last)).isEqualTo(content(10));
    rounds(6);
    assertThat(memory.list(JOURNAL.resolve("damaged"))).isEmpty();
  }

  @Test
  void writesOverNothingThatIsBeingRead() throws IOException {
    spool.close();
    spool = open(new JournalSettings(100_000, 1_000, 0, 100, 1 << 20, STILL));
    var message = store(content(50_000));
    try (var reading = spool.content(message).open()) {
      byte[] begin = reading.readNBytes(100);
      spool.retain(message.id());
      rounds(6);
      for (int i = 0; i < 10; i++) {
        spool.remove(store(content(60_000)).id());
        spool.round();
      }
      assertThat(files()).containsExactly(message.id());
      assertThat(begin).isEqualTo(Arrays.copyOf(content(50_000), 100));
      assertThat(reading.readAllBytes()).isEqualTo(Arrays.copyOfRange(content(50_000), 100, 50_000));
    }
  }

  @Test
  void takesNothingInAMessageForARecord() throws IOException {
    var first = store(content(100));
    var segment = segments().getLast();
    byte[] forged = new byte[JournalRecord.BYTES];
    new JournalRecord(JournalRecord.Kind.DONE, first.id(), 0, 0).putInto(forged, 0, 0);
    store(forged);
    overwrite(segment, Math.toIntExact(lengthOf(segment)) - forged.length - 100); // so that it is searched for records

    crash(SETTINGS);

    assertThat(allIds()).containsExactly(first.id());
  }

  @Test
  void emptiesOldSegmentsSoThatTheJournalStaysShort() throws IOException {
    spool.close();
    spool = open(new JournalSettings(100_000, 1_000, 1 << 20, 100, 1 << 20, STILL));
    var oldest = store(content(1_000));
    for (int i = 0; i < 20; i++) {
      spool.remove(store(content(1_000)).id());
    }
    spool.round();

    assertThat(files()).containsExactly(oldest.id());
    assertThat(segments()).hasSize(1);
  }

  @Test
  void movesTheOldestWhenHalfFull() {
    var messages = new ArrayList<QueueId>();
    for (int i = 0; i < 60; i++) {
      messages.add(store(content(10)).id());
    }
    spool.round();

    assertThat(files()).containsExactlyInAnyOrderElementsOf(messages);
  }

  @Test
  void refusesMailWhenFullAndNothingLeaves() {
    for (int i = 0; i < 100; i++) {
      store(content(10));
    }
    assertThatThrownBy(() -> store(content(10))).isInstanceOf(SpoolException.class)
        .hasStackTraceContaining("100 messages in the journal");

    spool.remove(allIds().getFirst());
    store(content(10));
  }

  @Test
  void leavesNothingInTheJournalAtACleanEnd() throws IOException {
    var message = store(content(100));
    spool.record(message.id(), List.of(FIRST_DONE));
    spool.close();

    assertThat(segments()).isEmpty();
    spool = open(SETTINGS);
    assertThat(spool.read(message.id())).contains(new SpoolEntry(message, List.of(FIRST_DONE)));
    assertThat(files()).containsExactly(message.id());
  }

  @Test
  void takesManyAtATime() throws Exception {
    try (var clients = Executors.newVirtualThreadPerTaskExecutor()) {
      var stored = new ArrayList<java.util.concurrent.Future<QueuedMessage>>();
      for (int i = 0; i < 90; i++) {
        stored.add(clients.submit(() -> store(content(2_000))));
      }
      for (var message : stored) {
        assertThat(contentOf(message.get())).isEqualTo(content(2_000));
      }
    }
    crash(SETTINGS);
    assertThat(allIds()).hasSize(90);
  }
}
