package org.posthorn.queue.spool;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Does what another disk does; for disks that do some of it differently. */
public class WrappedDisk implements Disk {
  /** The disk that does it. */
  protected final Disk disk;

  /** Will do what {@code disk} does. */
  public WrappedDisk(Disk disk) {
    this.disk = disk;
  }

  /** Returns what stands for a file that is written. */
  protected WritableFile wrap(WritableFile file) {
    return file;
  }

  @Override
  public WritableFile create(Path file) throws IOException {
    return wrap(disk.create(file));
  }

  @Override
  public Optional<WritableFile> openForWriting(Path file) throws IOException {
    return disk.openForWriting(file).map(this::wrap);
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
  public void link(Path from, Path to) throws IOException {
    disk.link(from, to);
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
  public void syncDirectory(Path directory) throws IOException {
    disk.syncDirectory(directory);
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
  public Optional<String> boot() {
    return disk.boot();
  }

  @Override
  public Optional<Closeable> lock(Path file) throws IOException {
    return disk.lock(file);
  }

  /** Does what another file does. */
  public static class WrappedFile implements WritableFile {
    /** The file that does it. */
    protected final WritableFile file;

    /** Will do what {@code file} does. */
    public WrappedFile(WritableFile file) {
      this.file = file;
    }

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
    public void sync() throws IOException {
      file.sync();
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }
}
