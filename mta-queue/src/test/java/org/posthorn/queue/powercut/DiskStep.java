package org.posthorn.queue.powercut;

import java.nio.file.Path;

/** One change to a disk, in the order in which the program made them. Files are known by number, for names come and go. */
sealed interface DiskStep {
  /** A directory was made. */
  record MakeDirectory(Path directory) implements DiskStep {}

  /** A file, which is empty, got a name. */
  record Create(Path name, int file) implements DiskStep {}

  /** Octets were written. */
  record Write(int file, long position, byte[] bytes) implements DiskStep {}

  /** A file was cut. */
  record Truncate(int file, long size) implements DiskStep {}

  /** The time of last change of a file is this now, in milliseconds since 1970. */
  record Touch(int file, long millis) implements DiskStep {}

  /** A file has another name now, which may have been that of another. */
  record Rename(Path from, Path to) implements DiskStep {}

  /** A file got one more name. */
  record Link(Path from, Path to) implements DiskStep {}

  /** A name is gone. */
  record Delete(Path name) implements DiskStep {}

  /** Content and length of a file are safe; {@code site} is the place in the program that saw to it. */
  record Sync(int file, String site) implements DiskStep {}

  /** The names in a directory are safe; {@code site} is the place in the program that saw to it. */
  record SyncDirectory(Path directory, String site) implements DiskStep {}
}
