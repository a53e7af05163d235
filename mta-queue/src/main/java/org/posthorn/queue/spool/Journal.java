package org.posthorn.queue.spool;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
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
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;
import org.posthorn.queue.QueueId;
import org.posthorn.queue.QueuedMessage;
import org.posthorn.queue.SpoolEntry;
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
  /** The folder of segments that were set aside, in that of the journal. */
  static final String DAMAGED = "damaged";

  private static final Logger log = LoggerFactory.getLogger(Journal.class);

  private final Disk disk;
  private final Path directory;
  private final JournalSettings settings;
  private final JournalSpares spares;
  private final JournalWriter writer;
  private final MemoryBudget memory;
  private final OpenSemaphore room;
  private final OpenSemaphore kiloRoom;
  private final LongAdder stored = new LongAdder();
  private final ConcurrentMap<QueueId, JournalEntry> live = new ConcurrentHashMap<>();
  /** Oldest first; the last is being written. */
  private final ConcurrentLinkedDeque<JournalSegment> segments = new ConcurrentLinkedDeque<>();

  /** Goes on behind the segments that {@code replayed} was read from, all of which are full. */
  Journal(Disk disk, Path directory, JournalSettings settings, List<JournalSegment> full, List<JournalEntry> replayed)
      throws IOException {
    this.disk = disk;
    this.directory = directory;
    this.settings = settings;
    this.memory = new MemoryBudget(settings.memoryBytes());
    this.room = new OpenSemaphore(settings.messages());
    this.kiloRoom = new OpenSemaphore(kilos(settings.bytes()));
    replayed.forEach(entry -> {
      entry.place.segment().live.incrementAndGet();
      room.reducePermits(1); // there may be more than should be
      kiloRoom.reducePermits(kilos(entry.place.length()));
      live.put(entry.id, entry);
    });
    segments.addAll(full);
    this.spares = new JournalSpares(disk, directory);
    this.writer = new JournalWriter(disk, directory, settings, spares, nextNumber(), segments::add);
  }

  /** Returns a number that no segment has, not even one that was set aside: another that is set aside must not replace it. */
  private long nextNumber() throws IOException {
    var names = Stream.concat(disk.list(directory).stream(), disk.list(directory.resolve(DAMAGED)).stream());
    return names.flatMap(name -> JournalSegment.numberOf(name).stream()).reduce(0L, Math::max) + 1;
  }

  JournalSettings settings() {
    return settings;
  }

  /** Puts an entry on stable storage, and remembers it. Waits when the journal is full. */
  void store(QueuedMessage message, byte[] entry, int length) throws IOException {
    awaitRoom(length);
    Optional<byte[]> kept = memory.tryTake(entry.length) ? Optional.of(entry) : Optional.empty();
    try {
      var place = writer.append(message.id(), entry, length);
      live.put(message.id(), new JournalEntry(message.id(), message.contentBytes(), place, kept));
      stored.increment();
    } catch (IOException | RuntimeException e) {
      giveRoom(length);
      kept.ifPresent(bytes -> memory.giveBack(bytes.length));
      throw e;
    }
  }

  private void awaitRoom(int length) throws IOException {
    await(room, 1);
    try {
      await(kiloRoom, kilos(length));
    } catch (IOException e) {
      room.release();
      throw e;
    }
  }

  private void await(Semaphore permits, int count) throws IOException {
    try {
      if (!permits.tryAcquire(count)
          && !permits.tryAcquire(count, settings.timing().patience().toNanos(), TimeUnit.NANOSECONDS)) {
        throw new IOException("%d messages in the journal wait for a file of their own".formatted(live.size()));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private void giveRoom(int length) {
    room.release();
    kiloRoom.release(kilos(length));
  }

  private static int kilos(long bytes) {
    return Math.toIntExact(bytes / 1024 + 1);
  }

  /** One that may begin with a debt. */
  private static final class OpenSemaphore extends Semaphore {
    private static final long serialVersionUID = 1;

    OpenSemaphore(int permits) {
      super(permits);
    }

    @Override
    public void reducePermits(int reduction) {
      super.reducePermits(reduction);
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
        byte[] records = EventRecords.encode(entry.id, events);
        writer.append(entry.id, records);
        entry.happened(events, records);
      }
      return entry.isLive();
    } catch (IOException e) {
      throw new SpoolException("cannot record what happened to " + entry.id, e);
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
      writer.doneSoon(entry.id);
      forget(entry);
      return true;
    } catch (IOException e) {
      throw new SpoolException("cannot remove " + entry.id, e);
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
      byte[] events = EventRecords.encode(entry.id, entry.events());
      byte[] whole = Arrays.copyOf(bytes(entry), entry.place.length() + events.length);
      System.arraycopy(events, 0, whole, entry.place.length(), events.length);
      files.store(entry.id, whole, whole.length);
      try {
        // Before anybody uses the file: a replay must not undo what happens to it from here on. When this fails it is
        // written as soon as the disk lets us, and until then the replay finds the file.
        writer.done(entry.id);
      } finally {
        forget(entry);
      }
    } finally {
      entry.lock.unlock();
    }
  }

  /** Reads what the spool has of a message; empty when it has left the journal meanwhile. */
  Optional<SpoolEntry> read(JournalEntry entry) {
    entry.lock.lock();
    try {
      if (!entry.isLive()) {
        return Optional.empty();
      }
      try (var file = open(entry)) {
        return Optional.of(new SpoolEntry(EntryReader.read(entry.id, file).entry().message(), entry.events()));
      }
    } catch (IOException e) {
      throw new SpoolException("cannot read " + entry.id, e);
    } finally {
      entry.lock.unlock();
    }
  }

  private ReadableFile open(JournalEntry entry) throws IOException {
    var bytes = entry.bytes();
    return bytes.isPresent() ? new BytesFile(bytes.get(), entry.place.length()) : read(entry.place);
  }

  /** The message will stay: memory is for those that are about to be delivered. */
  void retain(JournalEntry entry) {
    entry.lock.lock();
    try {
      entry.isRetained = true;
      memory.giveBack(entry.letGo());
    } finally {
      entry.lock.unlock();
    }
  }

  private byte[] bytes(JournalEntry entry) throws IOException {
    byte[] bytes = new byte[entry.place.length()];
    try (var file = open(entry)) {
      EntryReader.verify(file);
      int count = 0;
      while (count < bytes.length) {
        count += file.read(bytes, count, bytes.length - count, count); // what was verified is there
      }
    }
    return bytes;
  }

  /**
   * Notes again that messages have files, because a crash took the first note: another crash would bring them back after
   * they were delivered from there. When the disk refuses, this is written as soon as it does not.
   */
  void left(List<QueueId> moved) {
    try {
      for (var id : moved) {
        writer.doneSoon(id);
      }
      if (!moved.isEmpty()) {
        writer.done(moved.getLast()); // what came before is safe with it
      }
    } catch (IOException e) {
      log.atError().setCause(e).log("cannot note in the journal that messages have files");
    }
  }

  /** Opens the octets of an entry. Throws NoSuchFileException when its segment is gone, because it has left the journal. */
  ReadableFile read(JournalEntry.Place place) throws IOException {
    var segment = place.segment();
    if (!segment.enter()) {
      throw new NoSuchFileException(segment.file.toString());
    }
    try {
      return new Part(disk.openForReading(segment.file), place);
    } catch (IOException | RuntimeException e) {
      segment.leave();
      throw e;
    }
  }

  private static final class Part implements ReadableFile {
    private final ReadableFile file;
    private final JournalEntry.Place place;
    private boolean isClosed;

    Part(ReadableFile file, JournalEntry.Place place) {
      this.file = file;
      this.place = place;
    }

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
      if (!isClosed) {
        isClosed = true;
        place.segment().leave();
        file.close();
      }
    }
  }

  private void forget(JournalEntry entry) {
    entry.leave();
    live.remove(entry.id);
    memory.giveBack(entry.letGo());
    entry.place.segment().live.decrementAndGet();
    giveRoom(entry.place.length());
  }

  /** Deletes the oldest segments as far as they are of no use any more. */
  void trim() throws IOException {
    while (segments.size() > 1 && segments.getFirst().live.get() == 0) {
      drop(segments.getFirst());
      segments.removeFirst();
    }
  }

  private void drop(JournalSegment segment) throws IOException {
    if (!segment.isTakenAway) {
      takeAway(segment);
      segment.isTakenAway = true; // should the sync fail, it is all that is left to do
    }
    disk.syncDirectory(directory); // before the next one goes, whose notes are about this one
  }

  private void takeAway(JournalSegment segment) throws IOException {
    if (segment.isDamaged) {
      var aside = directory.resolve(DAMAGED).resolve(segment.file.getFileName());
      disk.moveAside(segment.file, aside);
      log.atError().addKeyValue("file", aside).log("a damaged segment of the journal was set aside");
    } else if (segment.close()) { // whoever reads it still can; but what is written over it would spoil that
      disk.delete(segment.file);
    } else {
      spares.give(segment.file);
    }
  }

  /** Returns the oldest segment when there are more than {@code count}. */
  Optional<JournalSegment> oldestOfMoreThan(int count) {
    return segments.size() > count ? Optional.of(segments.getFirst()) : Optional.empty();
  }

  /** Whether more than half of the messages, or octets, are in it that may be. */
  boolean isHalfFull() {
    return room.availablePermits() < settings.messages() / 2
        || kiloRoom.availablePermits() < kilos(settings.bytes()) / 2;
  }

  /** Returns how many messages came in since this was asked last. */
  long takeStored() {
    return stored.sumThenReset();
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
      spares.clear();
    } catch (IOException e) {
      log.atWarn().setCause(e).log("cannot delete a segment of the journal");
    }
  }
}
