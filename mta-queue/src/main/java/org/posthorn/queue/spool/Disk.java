package org.posthorn.queue.spool;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The file operations that the spool is made of: no more than it needs, so that a fake can fail, or forget what was not
 * synced, at each of them. Safe for use by many threads; a file that was opened is used by one at a time.
 */
public interface Disk {
  /** A file that is written. */
  interface WritableFile extends Closeable {
    /** Writes all of {@code length} octets at {@code position}. */
    void write(byte[] bytes, int offset, int length, long position) throws IOException;

    /** Returns the length in octets. */
    long size() throws IOException;

    /** Cuts the file to {@code size} octets. */
    void truncate(long size) throws IOException;

    /** Returns when content and length are on stable storage. */
    void sync() throws IOException;
  }

  /** A file that is read. Reading does not end when the thread is interrupted. */
  interface ReadableFile extends Closeable {
    /** Reads up to {@code length} octets at {@code position}, at least one; returns how many, or -1 at the end. */
    int read(byte[] bytes, int offset, int length, long position) throws IOException;

    /** Returns the length in octets. */
    long size() throws IOException;
  }

  /** Creates a file, which must not exist, for writing. */
  WritableFile create(Path file) throws IOException;

  /** Opens a file for writing behind what it holds; empty when there is none. */
  Optional<WritableFile> openForWriting(Path file) throws IOException;

  /** Opens a file for reading; throws {@link NoSuchFileException} when there is none. */
  ReadableFile openForReading(Path file) throws IOException;

  /** Returns the length of a file in octets; throws {@link NoSuchFileException} when there is none. */
  default long length(Path file) throws IOException {
    try (var opened = openForReading(file)) {
      return opened.size();
    }
  }

  /** Moves a file within the file system, in place of what {@code to} names. */
  void rename(Path from, Path to) throws IOException;

  /**
   * Gives a file one more name within the file system; throws {@link FileAlreadyExistsException} when {@code to} names
   * something.
   */
  void link(Path from, Path to) throws IOException;

  /**
   * Moves a file to another directory, which is created when it is missing, in place of what {@code to} names. The new name is
   * on stable storage before the old one goes, so that the file has one whenever the power fails, whoever syncs the old
   * directory meanwhile. When this throws the file may be in both places; after a power cut the old name may be back. Throws
   * {@link NoSuchFileException} when there is no such file.
   */
  default void moveAside(Path from, Path to) throws IOException {
    var directory = directoryOf(to);
    if (createDirectory(directory)) { // somebody has cleared it away
      syncDirectory(directoryOf(directory));
    }
    try {
      link(from, to);
    } catch (NoSuchFileException e) {
      throw e;
    } catch (FileAlreadyExistsException _) { // most likely this file, of which an earlier attempt came so far
      rename(from, to); // nothing at all when both are names of one file
    } catch (FileSystemException _) { // which says so when it has no hard links, or none to a file of another user
      renameAside(from, to);
      return;
    }
    syncDirectory(directory);
    boolean _ = delete(from);
  }

  /** Does without a second name, and so may lose both when the power fails. */
  private void renameAside(Path from, Path to) throws IOException {
    rename(from, to);
    try {
      syncDirectory(directoryOf(to));
    } catch (IOException e) {
      rename(to, from); // where the next attempt will look for it
      syncDirectory(directoryOf(from));
      throw e;
    }
  }

  private static Path directoryOf(Path file) {
    return file.toAbsolutePath().resolveSibling(".").normalize();
  }

  /** Deletes a file; returns whether there was one. */
  boolean delete(Path file) throws IOException;

  /** Creates a directory that only we can enter; returns false when it exists. */
  boolean createDirectory(Path directory) throws IOException;

  /** Returns when the names in {@code directory} are on stable storage. */
  void syncDirectory(Path directory) throws IOException;

  /** Returns the names in {@code directory}, in no order. */
  List<String> list(Path directory) throws IOException;

  /** Returns how many octets can still be written where {@code directory} is. */
  long usableSpace(Path directory) throws IOException;

  /**
   * Returns a name for the time since the machine started, in which nothing that was written is lost, synced or not; empty
   * when that cannot be told.
   */
  default Optional<String> boot() {
    return Optional.empty();
  }

  /** Locks {@code file}, which is created when it is missing, against other processes; empty when one has it already. */
  Optional<Closeable> lock(Path file) throws IOException;
}
