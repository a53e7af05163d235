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
 */
record EntryFiles(SpoolLayout layout, Disk disk, PlatformThreads threads, MemoryBudget memory) {
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
  }

  /** Puts a whole entry, the first {@code length} octets, on stable storage. When it throws nothing is left behind. */
  void store(QueueId id, byte[] entry, int length) throws IOException {
    onDisk(id, () -> {
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
      disk.delete(layout.temporary(id));
      if (disk.delete(layout.entry(id))) { // it was the directory that could not be synced
        layout.syncDirectoryOf(id); // or a power cut would bring back what the client was told that we do not have
      }
    } catch (IOException e) {
      reason.addSuppressed(e);
    }
  }
}
