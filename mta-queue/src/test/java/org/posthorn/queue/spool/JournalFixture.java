package org.posthorn.queue.spool;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.posthorn.queue.Messages;
import org.posthorn.queue.QueueId;
import org.posthorn.queue.QueueIdSource;
import org.posthorn.queue.QueuedMessage;
import org.posthorn.queue.RecipientNumber;
import org.posthorn.queue.SpoolEvent;
import org.posthorn.smtp.EnhancedStatus;

/** A journal with its files on a disk in memory, which can fail and lose its power. */
class JournalFixture {
  static final Instant NOW = Instant.parse("2026-11-22T10:00:00.123456789Z");
  static final Path SPOOL = Path.of("/spool");
  static final Path JOURNAL = Path.of("/journal");
  /** Nothing happens by itself, but for the writing. */
  static final JournalSettings.Timing STILL = new JournalSettings.Timing(Duration.ofDays(1), Duration.ofDays(1),
      Duration.ofMillis(1));
  static final JournalSettings SETTINGS = new JournalSettings(100_000, 1 << 20, 1 << 20, 100, 1 << 20, STILL);
  static final SpoolEvent FIRST_DONE = new SpoolEvent.Finished(new RecipientNumber(0), NOW,
      EnhancedStatus.of("2.0.0"), "250 2.0.0 ok");

  final QueueIdSource ids = new QueueIdSource(InstantSource.fixed(NOW), new Random(1));
  MemoryDisk memory = new MemoryDisk();
  FaultyDisk disk = new FaultyDisk(memory);
  JournaledSpool spool;

  @BeforeEach
  void openFirst() {
    spool = open(SETTINGS);
  }

  @AfterEach
  void close() {
    disk.heal();
    spool.close();
  }

  JournaledSpool open(JournalSettings settings) {
    return JournaledSpool.open(JOURNAL, disk,
        FileSpool.open(SPOOL, disk, new SpoolSettings(0, 2), ids), settings);
  }

  /** Goes on with what the disk may hold after the power was cut. */
  void crash(JournalSettings settings) {
    memory = memory.afterPowerCut(new Random(7));
    disk.failWhen(_ -> true); // the process that was cut writes no more
    spool.close();
    disk = new FaultyDisk(memory);
    spool = open(settings);
  }

  void rounds(int count) {
    for (int i = 0; i < count; i++) {
      spool.round();
    }
  }

  QueuedMessage store(byte[] content) {
    try (var draft = spool.draft(Messages.envelope("a@example.org", "b@example.net", "c@example.net"), NOW)) {
      draft.write(content, 0, content.length);
      return draft.commit();
    }
  }

  byte[] contentOf(QueuedMessage message) throws IOException {
    try (var stream = spool.content(message).open()) {
      return stream.readAllBytes();
    }
  }

  List<QueueId> allIds() {
    var all = new ArrayList<QueueId>();
    spool.forEachId(all::add);
    return all;
  }

  List<QueueId> files() {
    var found = new ArrayList<QueueId>();
    for (int i = 0; i < 256; i++) {
      memory.list(SPOOL.resolve("%02x".formatted(i)))
          .stream()
          .flatMap(name -> SpoolLayout.idOf(name).stream())
          .forEach(found::add);
    }
    return found;
  }

  List<Path> segments() {
    return memory.list(JOURNAL)
        .stream()
        .filter(name -> JournalSegment.numberOf(name).isPresent())
        .sorted()
        .map(JOURNAL::resolve)
        .toList();
  }

  long lengthOf(Path file) throws IOException {
    return memory.openForReading(file).size();
  }

  void append(Path file, byte[] bytes) throws IOException {
    try (var opened = memory.openForWriting(file).orElseThrow()) {
      opened.write(bytes, 0, bytes.length, opened.size());
      opened.sync();
    }
  }

  void overwrite(Path file, int position) throws IOException {
    try (var opened = memory.openForWriting(file).orElseThrow()) {
      opened.write(new byte[20], 0, 20, position);
      opened.sync();
    }
  }

  static byte[] content(int bytes) {
    byte[] content = new byte[bytes];
    new Random(bytes).nextBytes(content);
    return content;
  }
}
