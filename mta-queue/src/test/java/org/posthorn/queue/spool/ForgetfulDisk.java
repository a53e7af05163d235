package org.posthorn.queue.spool;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** A disk that skips one kind of sync: shows that the tests of power cuts would notice. */
record ForgetfulDisk(Disk disk, FaultyDisk.Step forgotten) implements Disk {
  @Override
  public WritableFile create(Path file) throws IOException {
    return new ForgetfulFile(disk.create(file), forgotten);
  }

  @Override
  public Optional<WritableFile> openForWriting(Path file) throws IOException {
    return disk.openForWriting(file).map(opened -> new ForgetfulFile(opened, forgotten));
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
  public void syncDirectory(Path directory) throws IOException {
    if (forgotten != FaultyDisk.Step.SYNC_DIRECTORY) {
      disk.syncDirectory(directory);
    }
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

  private record ForgetfulFile(WritableFile file, FaultyDisk.Step forgotten) implements WritableFile {
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
      if (forgotten != FaultyDisk.Step.SYNC) {
        file.sync();
      }
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }
}
