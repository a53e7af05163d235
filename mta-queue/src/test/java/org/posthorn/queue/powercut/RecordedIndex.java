package org.posthorn.queue.powercut;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.h2.store.fs.FileBase;
import org.h2.store.fs.FilePath;
import org.h2.store.fs.disk.FilePathDisk;
import org.posthorn.queue.spool.FaultyDisk.Step;

/**
 * Stands between H2 and the files of one directory, and records in a {@link DiskLog} what H2 does to them. The files
 * themselves are real ones. One is at work at a time.
 */
final class RecordedIndex implements AutoCloseable {
  private static final String SCHEME = "nio";

  private final DiskLog log;
  private final Map<Path, Integer> numbers = new ConcurrentHashMap<>();
  private volatile Predicate<Step> fails = _ -> false;

  private RecordedIndex(DiskLog log) {
    this.log = log;
  }

  /** Makes the files in {@code directory} those that {@code image} has there, and records from now on what H2 does. */
  static RecordedIndex begin(DiskImage image, Path directory, DiskLog log) {
    var recorded = new RecordedIndex(log);
    try {
      try (var old = Files.list(directory)) {
        for (var file : old.toList()) {
          Files.delete(file);
        }
      }
      for (var name : image.files().keySet()) {
        if (directory.equals(name.getParent()) && String.valueOf(name.getFileName()).startsWith("index.")) {
          Files.write(name, image.files().getOrDefault(name, new byte[0]));
          Files.setLastModifiedTime(name, FileTime.fromMillis(image.times().getOrDefault(name, 0L)));
          recorded.numbers.put(name, image.numbers().getOrDefault(name, 0));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    FilePath.register(new Recorded(recorded, ""));
    return recorded;
  }

  /** Ends the database of {@code directory} at once: a clean end takes H2 a fifth of a second. */
  static void kill(Path directory) {
    var url = "jdbc:h2:%s:%s;IFEXISTS=TRUE;TRACE_LEVEL_FILE=0".formatted(SCHEME, directory.resolve("index"));
    try (var connection = DriverManager.getConnection(url, "posthorn", "");
        var statement = connection.createStatement()) {
      statement.execute("shutdown immediately");
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Asks {@code failing} at each step from now on whether to throw instead. */
  void failWhen(Predicate<Step> failing) {
    fails = failing;
  }

  private void step(Step step) throws IOException {
    if (fails.test(step)) {
      throw new IOException(step + " fails as told");
    }
  }

  /** H2 has plain files again. */
  @Override
  public void close() {
    FilePath.register(new Plain());
  }

  private int number(Path file) {
    return numbers.computeIfAbsent(file, name -> {
      int number = log.nextFile();
      log.add(new DiskStep.Create(name, number));
      return number;
    });
  }

  private void forget(Path file) {
    if (numbers.remove(file) != null) {
      log.add(new DiskStep.Delete(file));
    }
  }

  /** H2's own way to files, by the name under which we stand before it. */
  private static class Plain extends FilePathDisk {
    @Override
    public String getScheme() {
      return SCHEME;
    }
  }

  private static final class Recorded extends Plain {
    private final RecordedIndex files;

    Recorded(RecordedIndex files, String path) {
      this.files = files;
      name = translateFileName(path);
    }

    @Override
    public FilePathDisk getPath(String path) {
      return new Recorded(files, path);
    }

    @Override
    public FilePathDisk toRealPath() {
      return getPath(super.toRealPath().name);
    }

    @Override
    public String toString() {
      return SCHEME + ":" + name;
    }

    @Override
    public boolean createFile() {
      files.number(Path.of(name));
      return super.createFile();
    }

    @Override
    public void delete() {
      super.delete();
      files.forget(Path.of(name));
    }

    @Override
    public void moveTo(FilePath other, boolean atomic) {
      throw new UnsupportedOperationException("H2 renamed a file: " + this);
    }

    @Override
    public OutputStream newOutputStream(boolean append) {
      throw new UnsupportedOperationException("H2 wrote a stream: " + this);
    }

    @Override
    public FileChannel open(String mode) throws IOException {
      var channel = super.open(mode);
      return new RecordedChannel(channel, files, Path.of(name));
    }
  }

  private static final class RecordedChannel extends FileBase {
    private final FileChannel channel;
    private final RecordedIndex files;
    private final Path file;
    private final int number;

    RecordedChannel(FileChannel channel, RecordedIndex files, Path file) {
      this.channel = channel;
      this.files = files;
      this.file = file;
      this.number = files.number(file);
    }

    @Override
    public int read(ByteBuffer octets) throws IOException {
      files.step(Step.READ);
      return channel.read(octets);
    }

    @Override
    public synchronized int read(ByteBuffer octets, long at) throws IOException {
      files.step(Step.READ);
      return channel.read(octets, at);
    }

    @Override
    public int write(ByteBuffer octets) throws IOException {
      int count = write(octets, channel.position());
      channel.position(channel.position() + count);
      return count;
    }

    @Override
    public synchronized int write(ByteBuffer octets, long at) throws IOException {
      try {
        files.step(Step.WRITE);
      } catch (IOException e) {
        channel.write(octets.duplicate().limit(octets.position() + octets.remaining() / 2), at);
        throw e;
      }
      byte[] bytes = new byte[octets.remaining()];
      octets.duplicate().get(bytes);
      int count = channel.write(octets, at);
      files.log.add(new DiskStep.Write(number, at, Arrays.copyOf(bytes, count)));
      touch();
      return count;
    }

    @Override
    public FileChannel truncate(long size) throws IOException {
      files.step(Step.TRUNCATE);
      if (size < channel.size()) {
        channel.truncate(size);
        files.log.add(new DiskStep.Truncate(number, size));
        touch();
      }
      return this;
    }

    private void touch() throws IOException {
      files.log.add(new DiskStep.Touch(number, Files.getLastModifiedTime(file).toMillis()));
    }

    @Override
    public void force(boolean metaData) throws IOException {
      files.step(Step.SYNC);
      files.log.add(new DiskStep.Sync(number, DiskLog.site()));
    }

    @Override
    public long position() throws IOException {
      return channel.position();
    }

    @Override
    public FileChannel position(long newPosition) throws IOException {
      channel.position(newPosition);
      return this;
    }

    @Override
    public long size() throws IOException {
      return channel.size();
    }

    @Override
    public FileLock tryLock(long position, long size, boolean shared) throws IOException {
      return channel.tryLock(position, size, shared);
    }

    @Override
    protected void implCloseChannel() throws IOException {
      channel.close();
    }
  }
}
