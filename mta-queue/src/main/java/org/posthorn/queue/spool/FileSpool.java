package org.posthorn.queue.spool;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.posthorn.queue.Envelope;
import org.posthorn.queue.MessageContent;
import org.posthorn.queue.PlatformThreads;
import org.posthorn.queue.QueueId;
import org.posthorn.queue.QueueIdSource;
import org.posthorn.queue.QueuedMessage;
import org.posthorn.queue.Spool;
import org.posthorn.queue.SpoolDraft;
import org.posthorn.queue.SpoolEntry;
import org.posthorn.queue.SpoolEvent;
import org.posthorn.queue.SpoolException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The spool as a directory with one file for each message, see {@link EntryHeader} for the file and {@link SpoolLayout} for
 * the directory.
 *
 * <p>A message is committed when its file was written under a temporary name, synced, renamed, and the directory synced.
 * A file that cannot be read is moved to {@code damaged} for the operator to look at; none is ever deleted before all its
 * recipients are done. After a failure of the disk everything works again as soon as the disk does.
 */
public final class FileSpool implements Spool {
  private static final Logger log = LoggerFactory.getLogger(FileSpool.class);
  private static final int LOCKS = 64;
  /** What the messages that come in may hold in memory altogether, beyond the first few octets of each. */
  private static final long DRAFTS_BYTES = 64L * 1024 * 1024;

  private final SpoolLayout layout;
  private final Disk disk;
  private final QueueIdSource ids;
  private final PlatformThreads threads;
  private final EntryFiles files;
  private final FreeSpace freeSpace;
  private final Closeable lock;
  private final SpoolWalk walk;
  private final List<ReentrantLock> appending;
  /** Entries whose last append failed, with the length up to which they can be trusted. */
  private final ConcurrentMap<QueueId, Long> trustedLengths = new ConcurrentHashMap<>();
  private final boolean isNew;
  private volatile boolean isInDoubt;

  private FileSpool(SpoolLayout layout, Disk disk, QueueIdSource ids, SpoolSettings settings, Closeable lock,
      boolean isNew) {
    this.isNew = isNew;
    this.layout = layout;
    this.disk = disk;
    this.ids = ids;
    this.threads = new PlatformThreads("spool", settings.writers());
    this.files = new EntryFiles(layout, disk, threads, new MemoryBudget(DRAFTS_BYTES),
        new Leftovers(layout, disk));
    this.freeSpace = new FreeSpace(disk, layout.root(), settings.minFreeBytes());
    this.lock = lock;
    this.walk = new SpoolWalk(layout, disk, threads);
    this.appending = Stream.generate(ReentrantLock::new).limit(LOCKS).toList();
  }

  /**
   * Opens the spool in {@code directory}, which is created when it is missing; its parent must exist. What a crash left half
   * written is swept away. Throws {@link SpoolException} when the disk refuses, or when another process has the spool open.
   */
  public static FileSpool open(Path directory, Disk disk, SpoolSettings settings, QueueIdSource ids) {
    var layout = new SpoolLayout(disk, directory);
    try {
      boolean isNew = layout.create();
      var lock = disk.lock(layout.lock())
          .orElseThrow(() -> new SpoolException("another process has the spool " + directory + " open"));
      try {
        int swept = layout.sweep();
        if (swept > 0) {
          log.atInfo().addKeyValue("count", swept).log("removed unfinished messages");
        }
      } catch (IOException e) {
        lock.close();
        throw e;
      }
      return new FileSpool(layout, disk, ids, settings, lock, isNew);
    } catch (IOException e) {
      throw new SpoolException("cannot open the spool " + directory, e);
    }
  }

  /** Whether there was no directory before it was opened, and so no spool. */
  public boolean isNew() {
    return isNew;
  }

  /**
   * Makes the names of all entries outlast a power cut, and the absence of others: a process that was killed may not have come
   * to it. Throws {@link SpoolException} when the disk refuses.
   */
  public void secureNames() {
    try {
      threads.call(() -> {
        layout.syncDirectories();
        return layout;
      });
    } catch (IOException e) {
      throw new SpoolException("cannot sync " + layout.root(), e);
    }
  }

  @Override
  public SpoolDraft draft(Envelope envelope, Instant now) {
    return draft(envelope, now, new SmallFiles(files));
  }

  /** Begins a message that {@code small} stores when it is small. */
  SpoolDraft draft(Envelope envelope, Instant now, FileDraft.Small small) {
    freeSpace.check(now);
    return new FileDraft(files, small, ids.next(), now, envelope);
  }

  /** Returns what writes the entries. */
  EntryFiles files() {
    return files;
  }

  private record SmallFiles(EntryFiles files) implements FileDraft.Small {
    /** Beyond this, writing at once instead of piece by piece saves nothing. */
    private static final int MEMORY_BYTES = 64 * 1024;

    @Override
    public boolean hasRoom(int bytes) {
      return bytes <= MEMORY_BYTES;
    }

    @Override
    public void store(QueuedMessage message, byte[] entry, int length) throws IOException {
      files.store(message.id(), entry, length);
    }
  }

  @Override
  public Optional<SpoolEntry> read(QueueId id) {
    return readWithLength(id).map(Found.Entry::entry);
  }

  private Optional<Found.Entry> readWithLength(QueueId id) {
    try (var file = disk.openForReading(layout.entry(id))) {
      var read = EntryReader.read(id, file);
      if (read.skipped() > 0) {
        log.atError()
            .addKeyValue("id", id.value())
            .addKeyValue("octets", read.skipped())
            .log("skipped damaged event records in the spool");
      }
      return Optional.of(new Found.Entry(read.entry(), read.length()));
    } catch (NoSuchFileException _) {
      return Optional.empty();
    } catch (DamagedEntryException e) {
      setAside(id, e);
      return Optional.empty();
    } catch (IOException e) {
      throw new SpoolException("cannot read " + id, e);
    }
  }

  private void setAside(QueueId id, DamagedEntryException why) {
    var aside = layout.damaged(id);
    try {
      threads.call(() -> {
        disk.moveAside(layout.entry(id), aside); // should the old name come back, it is set aside again
        return aside;
      });
    } catch (NoSuchFileException _) {
      return; // another thread read it too, or removed it
    } catch (IOException | RejectedExecutionException e) {
      e.addSuppressed(why);
      throw new SpoolException("cannot set the damaged entry " + id + " aside", e);
    }
    log.atError()
        .addKeyValue("id", id.value())
        .addKeyValue("file", aside)
        .setCause(why)
        .log("a damaged message was set aside");
  }

  @Override
  public MessageContent content(QueueId id) {
    return new FileContent(disk, layout.entry(id));
  }

  @Override
  public MessageContent content(QueuedMessage message) {
    return new FileContent(disk, layout.entry(message.id()), message.contentBytes());
  }

  @Override
  public void record(QueueId id, List<? extends SpoolEvent> events) {
    byte[] records = EventRecords.encode(id, events);
    var entryLock = appending.get(Math.floorMod(id.hashCode(), LOCKS));
    try {
      threads.call(() -> {
        entryLock.lock();
        try {
          append(id, records);
        } finally {
          entryLock.unlock();
        }
        return id;
      });
    } catch (IOException | RejectedExecutionException e) {
      throw new SpoolException("cannot record what happened to " + id, e);
    }
  }

  private void append(QueueId id, byte[] records) throws IOException {
    var opened = disk.openForWriting(layout.entry(id));
    if (opened.isEmpty()) {
      return;
    }
    try (var file = opened.get()) {
      long end = file.size();
      var trusted = Optional.ofNullable(trustedLengths.get(id));
      if (trusted.isPresent()) {
        end = trusted.get();
        file.truncate(end);
      }
      trustedLengths.put(id, end);
      file.write(records, 0, records.length, end);
      file.sync();
      trustedLengths.remove(id);
    }
  }

  @Override
  public void remove(QueueId id) {
    try {
      threads.call(() -> {
        disk.delete(layout.entry(id));
        layout.syncDirectoryOf(id); // even when it is gone: the sync of an earlier try may have failed
        trustedLengths.remove(id);
        return id;
      });
    } catch (IOException | RejectedExecutionException e) {
      throw new SpoolException("cannot remove " + id, e);
    }
  }

  @Override
  public void forEachId(Consumer<QueueId> visitor) {
    for (var directory : layout.directories()) {
      walk.ids(directory).forEach(visitor);
    }
  }

  @Override
  public void forEachLength(LengthVisitor visitor) {
    record Length(QueueId id, long bytes) {}
    walk.forEach(_ -> true, id -> new Length(id, length(id)), _ -> 1,
        found -> visitor.visit(found.id(), found.bytes()));
  }

  @Override
  public long length(QueueId id) {
    try {
      return trustedLengths.containsKey(id) ? 0 : disk.length(layout.entry(id));
    } catch (IOException _) {
      return 0; // whoever reads it will find out
    }
  }

  @Override
  public void readEach(Predicate<QueueId> wanted, Consumer<Found> visitor) {
    walk.forEach(wanted, this::find, Found::weight, visitor);
  }

  @Override
  public void secureEach(Predicate<QueueId> wanted, Consumer<Found> visitor) {
    walk.forEach(wanted, id -> {
      var found = find(id);
      if (found instanceof Found.Entry(var entry, _) && !entry.events().isEmpty()) {
        secure(id); // all before the events was synced before it had this name
      }
      return found;
    }, Found::weight, visitor);
  }

  /** Syncs an entry on a disk thread. When that fails its mail goes on all the same. */
  private void secure(QueueId id) {
    try {
      var opened = disk.openForWriting(layout.entry(id));
      if (opened.isPresent()) {
        try (var file = opened.get()) {
          file.sync();
        }
      }
    } catch (IOException e) {
      if (!isInDoubt) {
        log.atWarn().addKeyValue("id", id.value()).setCause(e).log("cannot sync an entry; the next start looks closer");
      }
      isInDoubt = true;
    }
  }

  /** Whether {@link #secureEach} has shown what may be gone after a power cut, because the disk refused. */
  boolean isInDoubt() {
    return isInDoubt;
  }

  @Override
  public Found find(QueueId id) {
    try {
      return readWithLength(id).<Found>map(found -> found).orElseGet(() -> new Found.Gone(id));
    } catch (SpoolException e) {
      return new Found.Unreadable(id, e);
    }
  }

  /** Waits for what is being written, then lets go of the directory. */
  @Override
  public void close() {
    threads.close();
    files.leftovers().sweep();
    try {
      lock.close();
    } catch (IOException e) {
      throw new SpoolException("cannot unlock the spool", e);
    }
  }
}
