package org.posthorn.queue.spool;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.posthorn.queue.QueueId;

/**
 * Entries that were refused while the disk would not let us take them back: they must be gone before the next start, which
 * would deliver them. Safe for use by many threads.
 */
final class Leftovers {
  private final SpoolLayout layout;
  private final Disk disk;
  @GuardedBy("this")
  private final Set<QueueId> ids = new LinkedHashSet<>();
  private volatile boolean isEmpty = true;

  Leftovers(SpoolLayout layout, Disk disk) {
    this.layout = layout;
    this.disk = disk;
  }

  /** Takes away what was written of an entry, or remembers to. Throws IOException when that is left for later. */
  synchronized void discard(QueueId id) throws IOException {
    ids.add(id);
    isEmpty = false;
    delete(id);
  }

  /** The entry is written anew, and this time it counts. */
  void keep(QueueId id) {
    if (!isEmpty) {
      synchronized (this) {
        ids.remove(id);
        isEmpty = ids.isEmpty();
      }
    }
  }

  /** Tries again; the disk seems to work. */
  void sweep() {
    if (!isEmpty) {
      synchronized (this) {
        try {
          for (var id : List.copyOf(ids)) {
            delete(id);
          }
        } catch (IOException _) {
          // the next one that is stored tries again
        }
      }
    }
  }

  @GuardedBy("this")
  private void delete(QueueId id) throws IOException {
    disk.delete(layout.temporary(id));
    disk.delete(layout.entry(id)); // it is there when it was the directory that could not be synced
    layout.syncDirectoryOf(id); // or a power cut would bring back what the client was told that we do not have
    ids.remove(id);
    isEmpty = ids.isEmpty();
  }
}
