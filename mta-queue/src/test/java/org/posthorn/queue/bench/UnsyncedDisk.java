package org.posthorn.queue.bench;

import java.nio.file.Path;
import org.posthorn.queue.spool.LocalDisk;
import org.posthorn.queue.spool.WrappedDisk;

/** The machine's disk without any sync, for filling a spool that nobody's mail is in. */
final class UnsyncedDisk extends WrappedDisk {
  UnsyncedDisk() {
    super(new LocalDisk());
  }

  @Override
  protected WritableFile wrap(WritableFile file) {
    return new WrappedFile(file) {
      @Override
      public void sync() {
        // that is the point
      }
    };
  }

  @Override
  public void syncDirectory(Path directory) {
    // that is the point
  }
}
