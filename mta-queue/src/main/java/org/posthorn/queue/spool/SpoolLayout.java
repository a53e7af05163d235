package org.posthorn.queue.spool;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.posthorn.queue.QueueId;

/**
 * Where things are in the spool directory: {@code 00} to {@code ff} with an entry {@code <id>.msg} for each message,
 * {@code tmp} with what is being written, {@code damaged} with what could not be read, and {@code lock}.
 */
final class SpoolLayout {
  private static final int DIRECTORIES = 256;
  private static final String SUFFIX = ".msg";
  private static final int TIME_CHARS = 10;
  private static final int RADIX = 36;
  /**
   * The time in an id counts microseconds, so messages of the same 2^20 of them, about a second, share a directory: what
   * is synced at the same time is synced together.
   */
  private static final int TIME_SHIFT = 20;

  private final Disk disk;
  private final Path root;
  private final Path temporary;
  private final Path damaged;
  private final List<DirectorySync> syncs = new ArrayList<>(DIRECTORIES);
  private final List<Path> directories = new ArrayList<>(DIRECTORIES);

  SpoolLayout(Disk disk, Path root) {
    this.disk = disk;
    this.root = root;
    this.temporary = root.resolve("tmp");
    this.damaged = root.resolve("damaged");
    for (int i = 0; i < DIRECTORIES; i++) {
      var directory = root.resolve("%02x".formatted(i));
      directories.add(directory);
      syncs.add(new DirectorySync(disk, directory));
    }
  }

  /** Creates what is missing, and syncs it; returns whether all was missing. */
  boolean create() throws IOException {
    boolean isNew = disk.createDirectory(root);
    for (var directory : directories) {
      disk.createDirectory(directory);
    }
    disk.createDirectory(temporary);
    disk.createDirectory(damaged);
    // Always: a process that was killed may have made them and not come to this.
    disk.syncDirectory(root.toAbsolutePath().resolveSibling(".").normalize());
    disk.syncDirectory(root);
    return isNew;
  }

  /** Returns when all names of entries are on stable storage. */
  void syncDirectories() throws IOException {
    for (var sync : syncs) {
      sync.sync();
    }
  }

  /** Deletes what a crash left half written, and returns how many files that were. */
  int sweep() throws IOException {
    var names = disk.list(temporary);
    for (var name : names) {
      disk.delete(temporary.resolve(name));
    }
    return names.size();
  }

  Path root() {
    return root;
  }

  Path lock() {
    return root.resolve("lock");
  }

  Path temporary(QueueId id) {
    return temporary.resolve(id.value());
  }

  Path entry(QueueId id) {
    return directories.get(number(id)).resolve(id.value() + SUFFIX);
  }

  Path damaged(QueueId id) {
    return damaged.resolve(id.value() + SUFFIX);
  }

  /** Returns when the name of the entry {@code id} is on stable storage, or its absence. */
  void syncDirectoryOf(QueueId id) throws IOException {
    syncs.get(number(id)).sync();
  }

  List<Path> directories() {
    return directories;
  }

  /** Returns the id that a file is named by; empty when it is no entry. */
  static Optional<QueueId> idOf(String fileName) {
    if (!fileName.endsWith(SUFFIX)) {
      return Optional.empty();
    }
    var name = fileName.substring(0, fileName.length() - SUFFIX.length());
    return QueueId.isValid(name) ? Optional.of(new QueueId(name)) : Optional.empty();
  }

  private static int number(QueueId id) {
    long micros = Long.parseLong(id.value(), 0, TIME_CHARS, RADIX);
    return (int) (micros >>> TIME_SHIFT) & (DIRECTORIES - 1);
  }
}
