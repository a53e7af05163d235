package org.posthorn.queue.spool;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/**
 * A disk that fails at the steps a test names, and counts the steps that change something. Safe for use by many threads.
 */
public final class FaultyDisk implements Disk {
  /** What can fail. */
  public enum Step {
    /** A file is created. */
    CREATE,
    /** Octets are written; when it fails, half of them were. */
    WRITE,
    /** A file is cut. */
    TRUNCATE,
    /** A file is synced. */
    SYNC,
    /** A file is renamed. */
    RENAME,
    /** A file is deleted. */
    DELETE,
    /** A directory is synced. */
    SYNC_DIRECTORY,
    /** A file is opened or read. */
    READ
  }

  private final Disk disk;
  private final AtomicInteger steps = new AtomicInteger();
  private volatile Predicate<Step> fails = _ -> false;
  private volatile long usableSpace = Long.MAX_VALUE;

  /** Does what {@code disk} does. */
  public FaultyDisk(Disk disk) {
    this.disk = disk;
  }

  /** Asks {@code fails} at each step from now on whether to throw instead. */
  public void failWhen(Predicate<Step> fails) {
    this.fails = fails;
  }

  /** Fails at the step with {@code number}, counted from 1 and from now, and at all later ones. */
  public void failFrom(int number) {
    var count = new AtomicInteger();
    failWhen(_ -> count.incrementAndGet() >= number);
  }

  /** Fails at the step with {@code number} only, counted from 1 and from now. */
  public void failOnceAt(int number) {
    var count = new AtomicInteger();
    failWhen(_ -> count.incrementAndGet() == number);
  }

  /** Fails at the next {@code step} only. */
  public void failOnceAt(Step step) {
    var isPast = new AtomicBoolean();
    failWhen(at -> at == step && isPast.compareAndSet(false, true));
  }

  /** Works from now on. */
  public void heal() {
    fails = _ -> false;
  }

  /** Returns how many steps were taken so far. */
  public int steps() {
    return steps.get();
  }

  /** Says from now on that {@code bytes} are free. */
  public void setUsableSpace(long bytes) {
    usableSpace = bytes;
  }

  private void step(Step step) throws IOException {
    steps.incrementAndGet();
    if (fails.test(step)) {
      throw new IOException(step + " fails as told");
    }
  }

  @Override
  public WritableFile create(Path file) throws IOException {
    step(Step.CREATE);
    return new FaultyFile(disk.create(file));
  }

  @Override
  public Optional<WritableFile> openForWriting(Path file) throws IOException {
    return disk.openForWriting(file).map(FaultyFile::new);
  }

  @Override
  public ReadableFile openForReading(Path file) throws IOException {
    step(Step.READ);
    return disk.openForReading(file);
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    step(Step.RENAME);
    disk.rename(from, to);
  }

  @Override
  public boolean delete(Path file) throws IOException {
    step(Step.DELETE);
    return disk.delete(file);
  }

  @Override
  public boolean createDirectory(Path directory) throws IOException {
    return disk.createDirectory(directory);
  }

  @Override
  public void syncDirectory(Path directory) throws IOException {
    step(Step.SYNC_DIRECTORY);
    disk.syncDirectory(directory);
  }

  @Override
  public List<String> list(Path directory) throws IOException {
    return disk.list(directory);
  }

  @Override
  public long usableSpace(Path directory) throws IOException {
    return Math.min(usableSpace, disk.usableSpace(directory));
  }

  @Override
  public Optional<Closeable> lock(Path file) throws IOException {
    return disk.lock(file);
  }

  private final class FaultyFile implements WritableFile {
    private final WritableFile file;

    FaultyFile(WritableFile file) {
      this.file = file;
    }

    @Override
    public void write(byte[] bytes, int offset, int length, long position) throws IOException {
      try {
        step(Step.WRITE);
      } catch (IOException e) {
        file.write(bytes, offset, length / 2, position);
        throw e;
      }
      file.write(bytes, offset, length, position);
    }

    @Override
    public long size() throws IOException {
      return file.size();
    }

    @Override
    public void truncate(long size) throws IOException {
      step(Step.TRUNCATE);
      file.truncate(size);
    }

    @Override
    public void sync() throws IOException {
      step(Step.SYNC);
      file.sync();
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }
}
