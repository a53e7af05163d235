package org.posthorn.queue.spool;

import java.io.IOException;
import org.posthorn.queue.PlatformThreads;
import org.posthorn.queue.QueueId;
import org.posthorn.queue.spool.Disk.WritableFile;

/**
 * Writes the files of entries. Safe for use by many threads.
 *
 * @param threads where files are written and synced
 * @param memory what the entries that are being written may hold together
 * @param leftovers what the disk would not take back
 */
record EntryFiles(SpoolLayout layout, Disk disk, PlatformThreads threads, MemoryBudget memory, Leftovers leftovers) {
  /** What is done on a disk thread. */
  interface Step {
    /** Does it. */
    void run() throws IOException;
  }

  /** Runs {@code step} on a disk thread; throws what it throws, RejectedExecutionException when the spool is closed. */
  void onDisk(QueueId id, Step step) throws IOException {
    threads.call(() -> {
      step.run();
      return id;
    });
  }

  /** Opens the temporary file of an entry. */
  WritableFile create(QueueId id) throws IOException {
    return disk.create(layout.temporary(id));
  }

  /** Puts an entry, of which all is in its temporary file, on stable storage under its name. Call it on a disk thread. */
  void commit(QueueId id, WritableFile file) throws IOException {
    file.sync();
    file.close();
    disk.rename(layout.temporary(id), layout.entry(id));
    layout.syncDirectoryOf(id);
    leftovers.sweep();
  }

  /**
   * Puts a whole entry, the first {@code length} octets, on stable storage. When it throws nothing is left behind, or not
   * for longer than the disk fails.
   */
  void store(QueueId id, byte[] entry, int length) throws IOException {
    onDisk(id, () -> {
      leftovers.keep(id);
      try (var file = create(id)) {
        file.write(entry, 0, length, 0);
        commit(id, file);
      } catch (IOException | RuntimeException | Error e) {
        discard(id, e);
        throw e;
      }
    });
  }

  /** Takes away what was written of an entry that is not to be; {@code reason} learns of what cannot be. */
  void discard(QueueId id, Throwable reason) {
    try {
      leftovers.discard(id);
    } catch (IOException e) {
      reason.addSuppressed(e);
    }
  }
}
