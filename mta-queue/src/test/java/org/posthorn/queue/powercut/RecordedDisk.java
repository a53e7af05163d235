package org.posthorn.queue.powercut;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.posthorn.queue.spool.Disk;

/** A disk in memory that records all that is done to it in a {@link DiskLog}. Safe for use by many threads. */
final class RecordedDisk implements Disk {
  private static final class Content {
    final int number;
    byte[] bytes = {};
    int length;

    Content(int number) {
      this.number = number;
    }
  }

  private final DiskLog log;
  private final String boot;
  @GuardedBy("this")
  private final Map<Path, Content> files = new HashMap<>();
  @GuardedBy("this")
  private final Set<Path> directories = new HashSet<>();
  @GuardedBy("this")
  private final Set<Path> locked = new HashSet<>();

  /** Holds what {@code image} holds; {@code boot} names the time from one power cut to the next. */
  RecordedDisk(DiskImage image, DiskLog log, String boot) {
    this.log = log;
    this.boot = boot;
    directories.addAll(image.directories());
    var numbers = image.numbers();
    image.files().forEach((name, bytes) -> {
      var content = new Content(numbers.getOrDefault(name, 0));
      content.bytes = bytes.clone();
      content.length = bytes.length;
      files.put(name, content);
    });
  }

  @Override
  public Optional<String> boot() {
    return Optional.of(boot);
  }

  /** Flips one bit of a file, as memory does that goes bad; the log does not know. Returns whether there is such a file. */
  synchronized boolean spoil(String fileName, int position) {
    var file = files.keySet().stream().filter(name -> name.endsWith(fileName)).findFirst();
    file.map(files::get).ifPresent(content -> content.bytes[position] ^= 1);
    return file.isPresent();
  }

  @Override
  public synchronized WritableFile create(Path file) throws IOException {
    requireDirectory(parent(file));
    if (files.containsKey(file)) {
      throw new FileAlreadyExistsException(file.toString());
    }
    var content = new Content(log.nextFile());
    files.put(file, content);
    log.add(new DiskStep.Create(file, content.number));
    return new Handle(content);
  }

  @Override
  public synchronized Optional<WritableFile> openForWriting(Path file) {
    return Optional.ofNullable(files.get(file)).map(Handle::new);
  }

  @Override
  public synchronized ReadableFile openForReading(Path file) throws IOException {
    var content = files.get(file);
    if (content == null) {
      throw new NoSuchFileException(file.toString());
    }
    return new Handle(content);
  }

  @Override
  public synchronized void rename(Path from, Path to) throws IOException {
    requireDirectory(parent(to));
    var content = files.get(from);
    if (content == null) {
      throw new NoSuchFileException(from.toString());
    }
    if (files.put(to, content) != content) { // POSIX: nothing happens when both are names of one file
      files.remove(from);
      log.add(new DiskStep.Rename(from, to));
    }
  }

  @Override
  public synchronized void link(Path from, Path to) throws IOException {
    requireDirectory(parent(to));
    var content = files.get(from);
    if (content == null) {
      throw new NoSuchFileException(from.toString());
    }
    if (files.putIfAbsent(to, content) != null) {
      throw new FileAlreadyExistsException(to.toString());
    }
    log.add(new DiskStep.Link(from, to));
  }

  @Override
  public synchronized boolean delete(Path file) {
    boolean wasThere = files.remove(file) != null;
    if (wasThere) {
      log.add(new DiskStep.Delete(file));
    }
    return wasThere;
  }

  @Override
  public synchronized boolean createDirectory(Path directory) throws IOException {
    requireDirectory(parent(directory));
    boolean isNew = directories.add(directory);
    if (isNew) {
      log.add(new DiskStep.MakeDirectory(directory));
    }
    return isNew;
  }

  @Override
  public synchronized void syncDirectory(Path directory) throws IOException {
    requireDirectory(directory);
    log.add(new DiskStep.SyncDirectory(directory, DiskLog.site()));
  }

  @Override
  public synchronized List<String> list(Path directory) throws IOException {
    requireDirectory(directory);
    return files.keySet()
        .stream()
        .filter(file -> directory.equals(file.getParent()))
        .map(file -> String.valueOf(file.getFileName()))
        .sorted()
        .toList();
  }

  @Override
  public long usableSpace(Path directory) {
    return Long.MAX_VALUE;
  }

  @Override
  public synchronized Optional<Closeable> lock(Path file) {
    return locked.add(file) ? Optional.of(() -> unlock(file)) : Optional.empty();
  }

  private synchronized void unlock(Path file) {
    locked.remove(file);
  }

  private static Path parent(Path file) {
    return file.resolveSibling(".").normalize();
  }

  @GuardedBy("this")
  private void requireDirectory(Path directory) throws IOException {
    if (!directories.contains(directory)) {
      throw new NoSuchFileException(directory.toString());
    }
  }

  private final class Handle implements WritableFile, ReadableFile {
    private final Content content;

    Handle(Content content) {
      this.content = content;
    }

    @Override
    public void write(byte[] bytes, int offset, int length, long position) {
      synchronized (RecordedDisk.this) {
        int end = (int) position + length;
        if (end > content.bytes.length) {
          content.bytes = Arrays.copyOf(content.bytes, Math.max(end, 2 * content.bytes.length));
        }
        System.arraycopy(bytes, offset, content.bytes, (int) position, length);
        content.length = Math.max(content.length, end);
        log.add(new DiskStep.Write(content.number, position, Arrays.copyOfRange(bytes, offset, offset + length)));
      }
    }

    @Override
    public int read(byte[] bytes, int offset, int length, long position) {
      synchronized (RecordedDisk.this) {
        int count = (int) Math.min(length, content.length - position);
        if (count <= 0) {
          return -1;
        }
        System.arraycopy(content.bytes, (int) position, bytes, offset, count);
        return count;
      }
    }

    @Override
    public long size() {
      synchronized (RecordedDisk.this) {
        return content.length;
      }
    }

    @Override
    public void truncate(long size) {
      synchronized (RecordedDisk.this) {
        if (size < content.length) {
          Arrays.fill(content.bytes, (int) size, content.length, (byte) 0);
          content.length = (int) size;
          log.add(new DiskStep.Truncate(content.number, size));
        }
      }
    }

    @Override
    public void sync() {
      log.add(new DiskStep.Sync(content.number, DiskLog.site()));
    }

    @Override
    public void close() {
      // nothing is held
    }
  }
}
