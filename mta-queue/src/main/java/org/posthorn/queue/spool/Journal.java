package org.posthorn.queue.spool;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.posthorn.queue.QueueId;
import org.posthorn.queue.QueuedMessage;
import org.posthorn.queue.SpoolEvent;
import org.posthorn.queue.SpoolException;
import org.posthorn.queue.spool.Disk.ReadableFile;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The intake journal: segments that are only appended to, and in memory what of them is still of use. Safe for use by many
 * threads.
 *
 * <p>A segment is deleted when all before it are, and nothing in it is of use: a note that a message of an earlier segment
 * is done must not go before that message does.
 */
final class Journal implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Journal.class);

  private final Disk disk;
  private final Path directory;
  private final JournalSettings settings;
  private final JournalWriter writer;
  private final MemoryBudget memory;
  private final Semaphore room;
  private final ConcurrentMap<QueueId, JournalEntry> live = new ConcurrentHashMap<>();
  /** Oldest first; the last is being written. */
  private final ConcurrentLinkedDeque<JournalSegment> segments = new ConcurrentLinkedDeque<>();

  /** Goes on behind the segments that {@code replayed} was read from, all of which are full. */
  Journal(Disk disk, Path directory, JournalSettings settings, List<JournalSegment> full, List<JournalEntry> replayed) {
    this.disk = disk;
    this.directory = directory;
    this.settings = settings;
    this.memory = new MemoryBudget(settings.memoryBytes());
    this.room = new Semaphore(settings.messages() - replayed.size()); // which may be negative
    replayed.forEach(entry -> {
      entry.place.segment().live.incrementAndGet();
      live.put(entry.id(), entry);
    });
    segments.addAll(full);
    long first = full.isEmpty() ? 1 : full.getLast().number + 1;
    this.writer = new JournalWriter(disk, directory, settings, first, segments::add);
  }

  JournalSettings settings() {
    return settings;
  }

  /** Puts an entry on stable storage, and remembers it. Waits when the journal is full. */
  void store(QueuedMessage message, byte[] entry, int length) throws IOException {
    awaitRoom();
    Optional<byte[]> kept = memory.tryTake(entry.length) ? Optional.of(entry) : Optional.empty();
    try {
      var place = writer.append(message.id(), entry, length);
      live.put(message.id(), new JournalEntry(message, place, kept));
    } catch (IOException | RuntimeException e) {
      room.release();
      kept.ifPresent(bytes -> memory.giveBack(bytes.length));
      throw e;
    }
  }

  private void awaitRoom() throws IOException {
    if (room.tryAcquire()) {
      return;
    }
    try {
      if (!room.tryAcquire(settings.timing().patience().toNanos(), TimeUnit.NANOSECONDS)) {
        throw new IOException("%d messages in the journal wait for a file of their own".formatted(live.size()));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  /** Returns what is in the journal of a message; empty when it has a file, or is gone. */
  Optional<JournalEntry> find(QueueId id) {
    return Optional.ofNullable(live.get(id));
  }

  Set<QueueId> ids() {
    return Set.copyOf(live.keySet());
  }

  Iterable<JournalEntry> entries() {
    return live.values();
  }

  /** Records what happened to a message; false when it has left the journal. */
  boolean record(JournalEntry entry, List<? extends SpoolEvent> events) {
    entry.lock.lock();
    try {
      if (entry.isLive()) {
        byte[] records = EventRecords.encode(events);
        writer.append(entry.id(), records);
        entry.happened(events, records);
      }
      return entry.isLive();
    } catch (IOException e) {
      throw new SpoolException("cannot record what happened to " + entry.id(), e);
    } finally {
      entry.lock.unlock();
    }
  }

  /** A message is done; false when it has left the journal before. */
  boolean remove(JournalEntry entry) {
    entry.lock.lock();
    try {
      if (!entry.isLive()) {
        return false;
      }
      writer.doneSoon(entry.id());
      forget(entry);
      return true;
    } catch (IOException e) {
      throw new SpoolException("cannot remove " + entry.id(), e);
    } finally {
      entry.lock.unlock();
    }
  }

  /** Gives a message a file of its own, unless it has left the journal. */
  void move(JournalEntry entry, EntryFiles files) throws IOException {
    entry.lock.lock();
    try {
      if (!entry.isLive()) {
        return;
      }
      byte[] events = EventRecords.encode(entry.events());
      byte[] whole = Arrays.copyOf(bytes(entry), entry.place.length() + events.length);
      System.arraycopy(events, 0, whole, entry.place.length(), events.length);
      files.store(entry.id(), whole, whole.length);
      try {
        // Before anybody uses the file: a replay must not undo what happens to it from here on. When this fails it is
        // written as soon as the disk lets us, and until then the replay finds the file.
        writer.done(entry.id());
      } finally {
        forget(entry);
      }
    } finally {
      entry.lock.unlock();
    }
  }

  private byte[] bytes(JournalEntry entry) throws IOException {
    if (entry.bytes.isPresent()) {
      return entry.bytes.get();
    }
    byte[] bytes = new byte[entry.place.length()];
    try (var file = read(entry.place)) {
      EntryReader.verify(file);
      int count = 0;
      while (count < bytes.length) {
        count += file.read(bytes, count, bytes.length - count, count); // what was verified is there
      }
    }
    return bytes;
  }

  /** Opens the octets of an entry. Throws NoSuchFileException when its segment is gone, because it has left the journal. */
  ReadableFile read(JournalEntry.Place place) throws IOException {
    return new Part(disk.openForReading(place.segment().file), place);
  }

  private record Part(ReadableFile file, JournalEntry.Place place) implements ReadableFile {
    @Override
    public int read(byte[] bytes, int offset, int length, long position) throws IOException {
      int count = (int) Math.min(length, place.length() - position);
      return count <= 0 ? -1 : file.read(bytes, offset, count, place.position() + position);
    }

    @Override
    public long size() {
      return place.length();
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }

  private void forget(JournalEntry entry) {
    entry.leave();
    live.remove(entry.id());
    entry.bytes.ifPresent(bytes -> memory.giveBack(bytes.length));
    entry.place.segment().live.decrementAndGet();
    room.release();
  }

  /** Deletes the oldest segments as far as they are of no use any more. */
  void trim() throws IOException {
    while (segments.size() > 1 && segments.getFirst().live.get() == 0) {
      drop(segments.getFirst());
      segments.removeFirst();
    }
  }

  private void drop(JournalSegment segment) throws IOException {
    if (segment.isDamaged) {
      var aside = directory.resolve("damaged").resolve(segment.file.getFileName());
      disk.rename(segment.file, aside);
      disk.syncDirectory(aside.resolveSibling(".").normalize());
      log.atError().addKeyValue("file", aside).log("a damaged segment of the journal was set aside");
    } else {
      disk.delete(segment.file);
    }
    disk.syncDirectory(directory); // before the next one goes, whose notes are about this one
  }

  /** Returns the oldest segment when there are more than {@code count}. */
  Optional<JournalSegment> oldestOfMoreThan(int count) {
    return segments.size() > count ? Optional.of(segments.getFirst()) : Optional.empty();
  }

  /** Whether more than half of the messages are in it that may be. */
  boolean isHalfFull() {
    return room.availablePermits() < settings.messages() / 2;
  }

  JournalFill fill() {
    return new JournalFill(live.size(), segments.stream().mapToLong(segment -> segment.bytes).sum());
  }

  /** Ends; the segments that are of no use any more are deleted. */
  @Override
  public void close() {
    writer.close();
    try {
      while (!segments.isEmpty() && segments.getFirst().live.get() == 0) {
        drop(segments.getFirst());
        segments.removeFirst();
      }
    } catch (IOException e) {
      log.atWarn().setCause(e).log("cannot delete a segment of the journal");
    }
  }
}
