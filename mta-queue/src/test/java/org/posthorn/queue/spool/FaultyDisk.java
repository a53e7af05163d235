package org.posthorn.queue.spool;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/**
 * A disk that fails at the steps a test names, and counts the steps that change something. Safe for use by many threads.
 */
public final class FaultyDisk extends WrappedDisk {
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
    /** A file gets one more name. */
    LINK,
    /** A file is deleted. */
    DELETE,
    /** A directory is synced. */
    SYNC_DIRECTORY,
    /** A file is opened or read. */
    READ
  }

  private final AtomicInteger steps = new AtomicInteger();
  private volatile Predicate<Step> fails = _ -> false;
  private volatile long usableSpace = Long.MAX_VALUE;

  /** Does what {@code disk} does. */
  public FaultyDisk(Disk disk) {
    super(disk);
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
  protected WritableFile wrap(WritableFile file) {
    return new FaultyFile(file);
  }

  @Override
  public WritableFile create(Path file) throws IOException {
    step(Step.CREATE);
    return super.create(file);
  }

  @Override
  public ReadableFile openForReading(Path file) throws IOException {
    step(Step.READ);
    return super.openForReading(file);
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    step(Step.RENAME);
    super.rename(from, to);
  }

  @Override
  public void link(Path from, Path to) throws IOException {
    step(Step.LINK);
    super.link(from, to);
  }

  @Override
  public boolean delete(Path file) throws IOException {
    step(Step.DELETE);
    return super.delete(file);
  }

  @Override
  public void syncDirectory(Path directory) throws IOException {
    step(Step.SYNC_DIRECTORY);
    super.syncDirectory(directory);
  }

  @Override
  public long usableSpace(Path directory) throws IOException {
    return Math.min(usableSpace, super.usableSpace(directory));
  }

  private final class FaultyFile extends WrappedFile {
    FaultyFile(WritableFile file) {
      super(file);
    }

    @Override
    public void write(byte[] bytes, int offset, int length, long position) throws IOException {
      try {
        step(Step.WRITE);
      } catch (IOException e) {
        super.write(bytes, offset, length / 2, position);
        throw e;
      }
      super.write(bytes, offset, length, position);
    }

    @Override
    public void truncate(long size) throws IOException {
      step(Step.TRUNCATE);
      super.truncate(size);
    }

    @Override
    public void sync() throws IOException {
      step(Step.SYNC);
      super.sync();
    }
  }
}
