package org.posthorn.queue.spool;

import java.io.IOException;
import java.nio.file.Path;

/** A disk that skips one kind of sync: shows that the tests of power cuts would notice. */
final class ForgetfulDisk extends WrappedDisk {
  private final FaultyDisk.Step forgotten;

  ForgetfulDisk(Disk disk, FaultyDisk.Step forgotten) {
    super(disk);
    this.forgotten = forgotten;
  }

  @Override
  protected WritableFile wrap(WritableFile file) {
    return new WrappedFile(file) {
      @Override
      public void sync() throws IOException {
        if (forgotten != FaultyDisk.Step.SYNC) {
          super.sync();
        }
      }
    };
  }

  @Override
  public void syncDirectory(Path directory) throws IOException {
    if (forgotten != FaultyDisk.Step.SYNC_DIRECTORY) {
      super.syncDirectory(directory);
    }
  }
}
