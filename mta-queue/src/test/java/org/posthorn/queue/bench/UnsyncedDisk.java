package org.posthorn.queue.bench;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.posthorn.queue.spool.Disk;
import org.posthorn.queue.spool.LocalDisk;

/** The machine's disk without any sync, for filling a spool that nobody's mail is in. */
final class UnsyncedDisk implements Disk {
  private final Disk disk = new LocalDisk();

  @Override
  public WritableFile create(Path file) throws IOException {
    return new UnsyncedFile(disk.create(file));
  }

  @Override
  public Optional<WritableFile> openForWriting(Path file) throws IOException {
    return disk.openForWriting(file).map(UnsyncedFile::new);
  }

  @Override
  public ReadableFile openForReading(Path file) throws IOException {
    return disk.openForReading(file);
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    disk.rename(from, to);
  }

  @Override
  public boolean delete(Path file) throws IOException {
    return disk.delete(file);
  }

  @Override
  public boolean createDirectory(Path directory) throws IOException {
    return disk.createDirectory(directory);
  }

  @Override
  public void syncDirectory(Path directory) {
    // that is the point
  }

  @Override
  public List<String> list(Path directory) throws IOException {
    return disk.list(directory);
  }

  @Override
  public long usableSpace(Path directory) throws IOException {
    return disk.usableSpace(directory);
  }

  @Override
  public Optional<Closeable> lock(Path file) throws IOException {
    return disk.lock(file);
  }

  private record UnsyncedFile(WritableFile file) implements WritableFile {
    @Override
    public void write(byte[] bytes, int offset, int length, long position) throws IOException {
      file.write(bytes, offset, length, position);
    }

    @Override
    public long size() throws IOException {
      return file.size();
    }

    @Override
    public void truncate(long size) throws IOException {
      file.truncate(size);
    }

    @Override
    public void sync() {
      // that is the point
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }
}
