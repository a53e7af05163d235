package org.posthorn.queue.spool;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * A disk in memory that knows what would survive a power cut: content that was synced, and names that were synced with
 * their directory. Of the rest a cut leaves any part. Safe for use by many threads.
 */
public final class MemoryDisk implements Disk {
  /** A file: what a reader sees, and what is certain to be on the platters. */
  private static final class Content {
    byte[] seen = {};
    byte[] synced = {};
  }

  @GuardedBy("this")
  private final Map<Path, Content> files = new HashMap<>();
  /** The names that are on the platters. */
  @GuardedBy("this")
  private final Map<Path, Content> syncedNames = new HashMap<>();
  @GuardedBy("this")
  private final Set<Path> directories = new HashSet<>();
  @GuardedBy("this")
  private final Set<Path> locked = new HashSet<>();

  /** Returns a disk as it may be after the power was cut now; {@code random} decides what of the unsynced is there. */
  public synchronized MemoryDisk afterPowerCut(RandomGenerator random) {
    var after = new MemoryDisk();
    synchronized (after) {
      after.directories.addAll(directories);
      var names = new HashSet<>(files.keySet());
      names.addAll(syncedNames.keySet());
      var kept = new HashMap<Content, Content>();
      for (var name : names.stream().sorted().toList()) {
        var now = Optional.ofNullable(files.get(name));
        var before = Optional.ofNullable(syncedNames.get(name));
        var content = now.equals(before) || random.nextBoolean() ? now : before;
        content.ifPresent(file -> after.put(name, kept.computeIfAbsent(file, cut -> afterPowerCut(cut, random))));
      }
    }
    return after;
  }

  @GuardedBy("this")
  private void put(Path name, Content content) {
    files.put(name, content);
    syncedNames.put(name, content);
  }

  /** Leaves what was synced, and of each later octet what is there now, or was there before, or nothing, by blocks. */
  private static Content afterPowerCut(Content file, RandomGenerator random) {
    var after = new Content();
    if (Arrays.equals(file.seen, file.synced)) {
      after.seen = file.synced.clone();
    } else {
      int length = random.nextBoolean()
          ? file.seen.length
          : Math.min(file.synced.length, file.seen.length) + random.nextInt(1 + Math.abs(file.seen.length
              - file.synced.length));
      after.seen = Arrays.copyOf(file.synced, length);
      int block = 1 + random.nextInt(512);
      for (int from = 0; from < Math.min(length, file.seen.length); from += block) {
        if (random.nextBoolean()) {
          int count = Math.min(block, Math.min(length, file.seen.length) - from);
          System.arraycopy(file.seen, from, after.seen, from, count);
        }
      }
    }
    after.synced = after.seen.clone();
    return after;
  }

  /** Returns the files below {@code directory}. */
  public synchronized List<Path> files(Path directory) {
    return files.keySet().stream().filter(file -> file.startsWith(directory)).sorted().toList();
  }

  @Override
  public synchronized WritableFile create(Path file) throws IOException {
    if (files.containsKey(file)) {
      throw new FileAlreadyExistsException(file.toString());
    }
    var content = new Content();
    files.put(file, content);
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
    var content = files.get(from);
    if (content == null) {
      throw new NoSuchFileException(from.toString());
    }
    if (files.put(to, content) != content) { // POSIX: nothing happens when both are names of one file
      files.remove(from);
    }
  }

  @Override
  public synchronized void link(Path from, Path to) throws IOException {
    var content = files.get(from);
    if (content == null) {
      throw new NoSuchFileException(from.toString());
    }
    if (files.putIfAbsent(to, content) != null) {
      throw new FileAlreadyExistsException(to.toString());
    }
  }

  @Override
  public synchronized boolean delete(Path file) {
    return files.remove(file) != null;
  }

  @Override
  public synchronized boolean createDirectory(Path directory) {
    return directories.add(directory);
  }

  @Override
  public synchronized void syncDirectory(Path directory) {
    syncedNames.keySet().removeIf(name -> isIn(directory, name));
    for (var file : files.entrySet()) {
      if (isIn(directory, file.getKey())) {
        syncedNames.put(file.getKey(), file.getValue());
      }
    }
  }

  private static boolean isIn(Path directory, Path file) {
    return file.startsWith(directory) && file.getNameCount() == directory.getNameCount() + 1;
  }

  @Override
  public synchronized List<String> list(Path directory) {
    var names = new ArrayList<String>();
    files.keySet()
        .stream()
        .filter(file -> isIn(directory, file))
        .forEach(file -> names.add(String.valueOf(file.getFileName())));
    return names;
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

  private final class Handle implements WritableFile, ReadableFile {
    private final Content content;

    Handle(Content content) {
      this.content = content;
    }

    @Override
    public void write(byte[] bytes, int offset, int length, long position) {
      synchronized (MemoryDisk.this) {
        int end = (int) position + length;
        byte[] changed = Arrays.copyOf(content.seen, Math.max(content.seen.length, end));
        System.arraycopy(bytes, offset, changed, (int) position, length);
        content.seen = changed;
      }
    }

    @Override
    public int read(byte[] bytes, int offset, int length, long position) {
      synchronized (MemoryDisk.this) {
        int count = (int) Math.min(length, content.seen.length - position);
        if (count <= 0) {
          return -1;
        }
        System.arraycopy(content.seen, (int) position, bytes, offset, count);
        return count;
      }
    }

    @Override
    public long size() {
      synchronized (MemoryDisk.this) {
        return content.seen.length;
      }
    }

    @Override
    public void truncate(long size) {
      synchronized (MemoryDisk.this) {
        content.seen = Arrays.copyOf(content.seen, (int) Math.min(size, content.seen.length));
      }
    }

    @Override
    public void sync() {
      synchronized (MemoryDisk.this) {
        content.synced = content.seen.clone();
      }
    }

    @Override
    public void close() {
      // nothing is held
    }
  }
}
