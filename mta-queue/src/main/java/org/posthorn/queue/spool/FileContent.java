package org.posthorn.queue.spool;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import org.posthorn.queue.MessageContent;
import org.posthorn.queue.SpoolException;

/** The content in a spool entry. Safe for use by many threads. */
final class FileContent implements MessageContent {
  private static final long UNKNOWN = -1;

  private final Disk disk;
  private final Path file;
  private volatile long size;

  FileContent(Disk disk, Path file) {
    this(disk, file, UNKNOWN);
  }

  FileContent(Disk disk, Path file, long size) {
    this.disk = disk;
    this.file = file;
    this.size = size;
  }

  @Override
  public long size() {
    if (size == UNKNOWN) {
      try (var opened = disk.openForReading(file)) {
        size = EntryReader.header(opened).contentBytes();
      } catch (IOException e) {
        throw new SpoolException("cannot read " + file, e);
      }
    }
    return size;
  }

  @Override
  public InputStream open() throws IOException {
    var opened = disk.openForReading(file);
    try {
      var stream = new ContentStream(opened);
      size = stream.size();
      return stream;
    } catch (IOException | RuntimeException e) {
      opened.close();
      throw e;
    }
  }
}
