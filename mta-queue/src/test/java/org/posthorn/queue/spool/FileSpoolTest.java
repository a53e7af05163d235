package org.posthorn.queue.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthorn.queue.Envelope;
import org.posthorn.queue.QueueId;
import org.posthorn.queue.QueueIdSource;
import org.posthorn.queue.QueuedMessage;
import org.posthorn.queue.Recipient;
import org.posthorn.queue.RecipientNumber;
import org.posthorn.queue.SpoolEntry;
import org.posthorn.queue.SpoolEvent;
import org.posthorn.queue.SpoolException;
import org.posthorn.smtp.BodyType;
import org.posthorn.smtp.Domain;
import org.posthorn.smtp.EnhancedStatus;
import org.posthorn.smtp.Mailbox;
import org.posthorn.smtp.ReversePath;

class FileSpoolTest {
  private static final Instant NOW = Instant.parse("2026-11-22T10:00:00.123456789Z");
  private static final SpoolEvent FIRST_DONE = new SpoolEvent.Finished(new RecipientNumber(0), NOW,
      EnhancedStatus.of("2.0.0"), "250 2.0.0 ok");
  private static final SpoolEvent SECOND_LATE = new SpoolEvent.DelayReported(new RecipientNumber(1), NOW);

  @TempDir
  Path directory;

  private FileSpool spool;

  @BeforeEach
  void open() {
    spool = open(SpoolSettings.DEFAULT);
  }

  @AfterEach
  void close() {
    spool.close();
  }

  private FileSpool open(SpoolSettings settings) {
    return FileSpool.open(directory.resolve("spool"), new LocalDisk(), settings,
        new QueueIdSource(InstantSource.fixed(NOW), new Random(1)));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 4_096, 8_191, 65_535, 65_536, 65_537, 200_000, 3_000_000})
  void givesBackWhatWasCommitted(int bytes) throws IOException {
    byte[] content = content(bytes);

    var message = store(content);

    assertThat(spool.read(message.id())).contains(new SpoolEntry(message, List.of()));
    assertThat(message.contentBytes()).isEqualTo(bytes);
    assertThat(spool.content(message.id()).size()).isEqualTo(bytes);
    try (var stream = spool.content(message.id()).open()) {
      assertThat(stream.readAllBytes()).isEqualTo(content);
    }
    assertThat(ids()).containsExactly(message.id());
    assertThat(temporaryFiles()).isEmpty();
  }

  @Test
  void readsContentOctetByOctetToo() throws IOException {
    byte[] content = content(20_000);
    var message = store(content);

    try (var stream = spool.content(message.id()).open()) {
      for (byte octet : content) {
        assertThat(stream.read()).isEqualTo(octet & 0xff);
      }
      assertThat(stream.read()).isEqualTo(-1);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {100, 500_000})
  void leavesNothingOfADraftThatIsNotCommitted(int bytes) throws IOException {
    var draft = spool.draft(envelope(), NOW);
    draft.write(content(bytes), 0, bytes);
    draft.close();

    assertThat(ids()).isEmpty();
    assertThat(temporaryFiles()).isEmpty();
    assertThatThrownBy(draft::commit).isInstanceOf(SpoolException.class);
  }

  @Test
  void keepsEventsInOrderAndContentReadableMeanwhile() throws IOException {
    var message = store(content(100));

    try (var stream = spool.content(message.id()).open()) {
      spool.record(message.id(), List.of(FIRST_DONE, new SpoolEvent.Held(NOW)));
      spool.record(message.id(), List.of(SECOND_LATE, new SpoolEvent.Released(NOW)));
      assertThat(stream.readAllBytes()).isEqualTo(content(100));
    }

    var entry = spool.read(message.id()).orElseThrow();
    assertThat(entry.events())
        .containsExactly(FIRST_DONE, new SpoolEvent.Held(NOW), SECOND_LATE, new SpoolEvent.Released(NOW));
    assertThat(entry.pending()).containsExactly(new RecipientNumber(1));
    assertThat(entry.isHeld()).isFalse();
    assertThat(entry.isDelayReported(new RecipientNumber(1))).isTrue();
  }

  @Test
  void forgetsWhatIsRemoved() {
    var message = store(content(100));
    var content = spool.content(message.id());

    spool.remove(message.id());
    spool.remove(message.id());
    spool.record(message.id(), List.of(FIRST_DONE));

    assertThat(spool.read(message.id())).isEmpty();
    assertThat(ids()).isEmpty();
    assertThatThrownBy(content::open).isInstanceOf(IOException.class);
    assertThatThrownBy(content::size).isInstanceOf(SpoolException.class);
  }

  @Test
  void keepsEverythingWhenItIsOpenedAgain() {
    var message = store(content(100));
    spool.record(message.id(), List.of(FIRST_DONE));
    spool.close();

    spool = open(SpoolSettings.DEFAULT);

    assertThat(spool.read(message.id())).contains(new SpoolEntry(message, List.of(FIRST_DONE)));
  }

  @Test
  void letsOnlyOneOpenIt() {
    assertThatThrownBy(() -> open(SpoolSettings.DEFAULT)).isInstanceOf(SpoolException.class)
        .hasMessageContaining("another process");
  }

  @Test
  void sweepsAwayWhatACrashLeftUnfinished() throws IOException {
    spool.close();
    Files.writeString(directory.resolve("spool/tmp/0000000000000000"), "half a mess");

    spool = open(SpoolSettings.DEFAULT);

    assertThat(temporaryFiles()).isEmpty();
  }

  @Test
  void refusesMailBelowTheFloorOfFreeSpace() {
    spool.close();
    spool = open(new SpoolSettings(Long.MAX_VALUE, 1));

    assertThatThrownBy(() -> spool.draft(envelope(), NOW)).isInstanceOf(SpoolException.class)
        .hasMessageContaining("octets free");
  }

  @Test
  void ignoresATornEventAndGoesOnBehindIt() throws IOException {
    var message = store(content(100));
    spool.record(message.id(), List.of(FIRST_DONE));
    byte[] whole = Files.readAllBytes(file(message.id()));
    spool.record(message.id(), List.of(SECOND_LATE));
    byte[] more = Files.readAllBytes(file(message.id()));

    for (int length = whole.length; length < more.length; length++) {
      Files.write(file(message.id()), Arrays.copyOf(more, length));
      assertThat(spool.read(message.id()).orElseThrow().events()).containsExactly(FIRST_DONE);
    }
    spool.record(message.id(), List.of(SECOND_LATE));
    assertThat(spool.read(message.id()).orElseThrow().events()).containsExactly(FIRST_DONE, SECOND_LATE);
  }

  @Test
  void setsADamagedEntryAside() throws IOException {
    var message = store(content(100));
    byte[] bytes = Files.readAllBytes(file(message.id()));
    bytes[80] ^= 1;
    Files.write(file(message.id()), bytes);

    assertThat(spool.read(message.id())).isEmpty();

    assertThat(ids()).isEmpty();
    assertThat(directory.resolve("spool/damaged/" + message.id() + ".msg")).hasBinaryContent(bytes);
  }

  @Test
  void noticesContentThatIsNotWhatWasStored() throws IOException {
    var message = store(content(100_000));
    try (var channel = FileChannel.open(file(message.id()), StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(new byte[]{0}), 50_000);
    }

    try (var stream = spool.content(message.id()).open()) {
      assertThatThrownBy(stream::readAllBytes).isInstanceOf(IOException.class).hasMessageContaining("checksum");
    }
  }

  @Test
  void commitsFromManyVirtualThreadsAtOnce() throws Exception {
    var stored = Collections.synchronizedList(new ArrayList<QueueId>());
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 200; i++) {
        threads.execute(() -> stored.add(store(content(1_000)).id()));
      }
    }

    assertThat(stored).hasSize(200).doesNotHaveDuplicates();
    assertThat(ids()).containsExactlyInAnyOrderElementsOf(stored);
  }

  @Test
  void finishesACommitWhoseThreadIsInterrupted() {
    Thread.currentThread().interrupt();
    var message = store(content(200_000));

    assertThat(Thread.interrupted()).isTrue();
    assertThat(spool.read(message.id())).isPresent();
  }

  /** As when the file system is not mounted for a while: the index must not forget what is on it. */
  @Test
  void aDirectoryThatIsGoneTakesNoMessageWithIt() throws IOException {
    var message = store(content(100));
    Files.move(directory.resolve("spool"), directory.resolve("gone"));
    assertThatThrownBy(() -> spool.read(message.id())).isInstanceOf(SpoolException.class);
    assertThatThrownBy(() -> spool.record(message.id(), List.of(FIRST_DONE))).isInstanceOf(SpoolException.class);
    assertThatThrownBy(() -> spool.remove(message.id())).isInstanceOf(SpoolException.class);

    Files.move(directory.resolve("gone"), directory.resolve("spool"));
    assertThat(spool.read(message.id())).contains(new SpoolEntry(message, List.of()));
  }

  private QueuedMessage store(byte[] content) {
    try (var draft = spool.draft(envelope(), NOW)) {
      for (int from = 0; from < content.length; from += 3_000) {
        draft.write(content, from, Math.min(3_000, content.length - from));
      }
      assertThat(draft.size()).isEqualTo(content.length);
      return draft.commit();
    }
  }

  private static Envelope envelope() {
    return new Envelope(ReversePath.of(mailbox("a")), List.of(Recipient.of(mailbox("b")), Recipient.of(mailbox("c"))),
        BodyType.SEVEN_BIT, false, "local");
  }

  private static Mailbox mailbox(String localPart) {
    return new Mailbox(localPart, new Domain("example.org"));
  }

  private static byte[] content(int bytes) {
    byte[] content = new byte[bytes];
    new Random(bytes).nextBytes(content);
    return content;
  }

  private List<QueueId> ids() {
    var ids = new ArrayList<QueueId>();
    spool.forEachId(ids::add);
    return ids;
  }

  private Path file(QueueId id) {
    try (var files = Files.walk(directory)) {
      return files.filter(file -> file.getFileName().toString().equals(id + ".msg")).findFirst().orElseThrow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private List<Path> temporaryFiles() throws IOException {
    try (var files = Files.list(directory.resolve("spool/tmp"))) {
      return files.toList();
    }
  }
}
