package org.posthorn.delivery.mailbox;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** Directories and files that only their owner can read, and that are still there after a power failure. */
final class Folders {
  private static final FileAttribute<Set<PosixFilePermission>> OWNER_ALL = PosixFilePermissions
      .asFileAttribute(PosixFilePermissions.fromString("rwx------"));
  private static final FileAttribute<Set<PosixFilePermission>> OWNER_READ_WRITE = PosixFilePermissions
      .asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  private Folders() {}

  /** Makes {@code folder} and the parents it lacks, with mode 0700, durably. */
  static void make(Path folder) throws IOException {
    if (Files.isDirectory(folder)) {
      return;
    }
    var parent = folder.toAbsolutePath().getParent();
    if (parent != null) {
      make(parent);
    }
    try {
      Files.createDirectory(folder, OWNER_ALL);
    } catch (FileAlreadyExistsException e) {
      if (!Files.isDirectory(folder)) { // else another delivery was faster
        throw e;
      }
    }
    if (parent != null) {
      sync(parent);
    }
  }

  /** Puts the entries of {@code folder} on stable storage. */
  static void sync(Path folder) throws IOException {
    try (var channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  /** Makes {@code file} with mode 0600; throws FileAlreadyExistsException when it is there. */
  static FileChannel create(Path file) throws IOException {
    return FileChannel.open(file, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), OWNER_READ_WRITE);
  }

  /** Opens {@code file} to read and write, making it with mode 0600 when it is missing. */
  static FileChannel openOrCreate(Path file) throws IOException {
    return FileChannel.open(file,
        Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE), OWNER_READ_WRITE);
  }

  /** Removes what {@code cause} left behind; when that fails too, {@code cause} says so. */
  static void removeAfter(Exception cause, Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      cause.addSuppressed(e);
    }
  }
}
