package org.posthorn.queue.spool;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.posthorn.queue.QueueId;
import org.posthorn.queue.RecipientNumber;
import org.posthorn.queue.SpoolEntry;
import org.posthorn.queue.SpoolEvent;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the journal that the last process left: all that came in, without what was done. A torn tail is what nobody was told
 * of. What cannot be read in the middle is reported and passed over, and its segment kept for the operator.
 */
final class JournalReplay {
  private static final Logger log = LoggerFactory.getLogger(JournalReplay.class);

  private final Disk disk;
  private final Path directory;
  private final FileSpool files;
  private final Map<QueueId, JournalEntry> live = new LinkedHashMap<>();
  private final Map<QueueId, Set<RecipientNumber>> pending = new HashMap<>();

  /** Will read the segments in {@code directory}; what has a file in {@code files} has left the journal. */
  JournalReplay(Disk disk, Path directory, FileSpool files) {
    this.disk = disk;
    this.directory = directory;
    this.files = files;
  }

  /** Reads, and returns the journal that goes on from there. */
  Journal run(JournalSettings settings) throws IOException {
    createDirectories();
    var segments = new ArrayList<JournalSegment>();
    for (long number : numbers()) {
      byte[] bytes = bytes(directory.resolve(JournalSegment.fileName(number)));
      sync(directory.resolve(JournalSegment.fileName(number)));
      var segment = JournalSegment.read(directory, number, bytes);
      segment.ifPresent(begun -> read(begun, bytes));
      segments.add(segment.orElseGet(() -> notBegun(number, bytes)));
    }
    var moved = new ArrayList<QueueId>();
    for (var id : List.copyOf(live.keySet())) {
      if (files.read(id).isPresent()) { // it was moved, and the note of that did not make it to the disk
        live.remove(id);
        moved.add(id);
      }
    }
    if (!moved.isEmpty()) {
      files.secureNames(); // after a clean end, too: the process may have been killed behind its mark
    }
    live.values().forEach(entry -> entry.isRetained = true);
    if (!segments.isEmpty()) {
      log.atInfo()
          .addKeyValue("segments", segments.size())
          .addKeyValue("messages", live.size())
          .log("journal replayed");
    }
    var journal = new Journal(disk, directory, settings, segments, List.copyOf(live.values()));
    journal.left(moved);
    return journal;
  }

  private void createDirectories() throws IOException {
    disk.createDirectory(directory);
    disk.createDirectory(directory.resolve(Journal.DAMAGED));
    disk.syncDirectory(directory.toAbsolutePath().resolveSibling(".").normalize());
    disk.syncDirectory(directory); // always: a process that was killed may not have come to it
  }

  private List<Long> numbers() throws IOException {
    return disk.list(directory).stream().flatMap(name -> JournalSegment.numberOf(name).stream()).sorted().toList();
  }

  /** What a process that was killed wrote and did not sync counts from here on, and so must outlast a power cut too. */
  private void sync(Path segment) throws IOException {
    var opened = disk.openForWriting(segment);
    if (opened.isPresent()) {
      try (var file = opened.get()) {
        file.sync();
      }
    }
  }

  /** Nothing in it was ever acknowledged, or its first line is spoilt. */
  private JournalSegment notBegun(long number, byte[] bytes) {
    var segment = new JournalSegment(directory, number, 0);
    boolean isBlank = JournalSegment.hasStart(bytes) || IntStream.range(0, bytes.length).allMatch(i -> bytes[i] == 0);
    report(segment, isBlank ? 0 : bytes.length);
    return segment;
  }

  /** What is behind the last record may be left of an earlier segment in the same file. */
  private void read(JournalSegment segment, byte[] bytes) {
    int at = JournalSegment.START_BYTES;
    int goodUntil = at;
    int skipped = 0;
    while (at < bytes.length) {
      var record = JournalRecord.parse(bytes, at, segment.key);
      int body = at + JournalRecord.BYTES;
      if (record.isPresent() && record.get().isFollowed(bytes, body) && apply(segment, record.get(), bytes, body)) {
        skipped += at - goodUntil;
        at = body + record.get().length();
        goodUntil = at;
      } else {
        at++;
      }
    }
    segment.bytes = goodUntil;
    report(segment, skipped);
  }

  /** Returns false for what is whole, but no record of ours. */
  private boolean apply(JournalSegment segment, JournalRecord record, byte[] bytes, int body) {
    var id = record.id();
    switch (record.kind()) {
      case ENTRY -> {
        var part = Arrays.copyOfRange(bytes, body, body + record.length());
        var entry = entry(id, part);
        entry.ifPresent(read -> {
          var place = new JournalEntry.Place(segment, body, record.length());
          live.put(id, new JournalEntry(id, read.message().contentBytes(), place, Optional.empty()));
          pending.put(id, read.pending());
        });
        return entry.isPresent();
      }
      case EVENTS -> {
        byte[] records = Arrays.copyOfRange(bytes, body, body + record.length());
        Optional.ofNullable(live.get(id)).ifPresent(entry -> happened(entry, records));
      }
      case DONE -> live.remove(id);
    }
    return true;
  }

  private void happened(JournalEntry entry, byte[] records) {
    var events = EventRecords.parse(entry.id, records).events();
    entry.happened(events, records);
    var left = pending.getOrDefault(entry.id, Set.of());
    events.forEach(event -> {
      if (event instanceof SpoolEvent.Finished(var recipient, _, _, _)) {
        left.remove(recipient);
      }
    });
    if (left.isEmpty()) { // the crash came before the note that all is done
      live.remove(entry.id);
    }
  }

  private static Optional<SpoolEntry> entry(QueueId id, byte[] bytes) {
    try {
      return Optional.of(EntryReader.read(id, new BytesFile(bytes, bytes.length)).entry());
    } catch (IOException e) {
      log.atError().addKeyValue("id", id.value()).setCause(e).log("a message in the journal cannot be read");
      return Optional.empty();
    }
  }

  private static void report(JournalSegment segment, int skipped) {
    if (skipped > 0) {
      segment.isDamaged = true;
      log.atError()
          .addKeyValue("file", segment.file)
          .addKeyValue("octets", skipped)
          .log("part of the journal cannot be read");
    }
  }

  private byte[] bytes(Path file) throws IOException {
    try (var opened = disk.openForReading(file)) {
      byte[] bytes = new byte[Math.toIntExact(opened.size())];
      int count = 0;
      while (count < bytes.length) {
        int read = opened.read(bytes, count, bytes.length - count, count);
        if (read < 0) {
          throw new NoSuchFileException(file.toString(), null, "became shorter");
        }
        count += read;
      }
      return bytes;
    }
  }
}
