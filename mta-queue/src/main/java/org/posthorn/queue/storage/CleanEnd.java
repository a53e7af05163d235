package org.posthorn.queue.storage;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;
import org.posthorn.queue.spool.Disk;

/**
 * The file {@code clean}, which is only there between a clean end and the next start. It holds length and time of the
 * index, so that an index that was changed or replaced meanwhile is not trusted.
 */
final class CleanEnd {
  private static final int MAX_BYTES = 64;

  private final Disk disk;
  private final Path directory;
  private final Path file;
  private final Path index;

  CleanEnd(Disk disk, Path directory) {
    this.disk = disk;
    this.directory = directory;
    this.file = directory.resolve("clean");
    this.index = directory.resolve("index.mv.db");
  }

  /** Takes the file away for good, and returns whether it vouched for the index. */
  boolean take() throws IOException {
    String vouched;
    try (var opened = disk.openForReading(file)) {
      byte[] bytes = new byte[MAX_BYTES];
      int length = Math.max(0, opened.read(bytes, 0, bytes.length, 0));
      vouched = new String(bytes, 0, length, StandardCharsets.US_ASCII);
    } catch (NoSuchFileException _) {
      return false;
    }
    disk.delete(file);
    disk.syncDirectory(directory);
    return Files.exists(index) && vouched.equals(stateOfIndex());
  }

  /** Vouches for the index, which is closed. */
  void put() throws IOException {
    byte[] state = stateOfIndex().getBytes(StandardCharsets.US_ASCII);
    disk.delete(file);
    try (var opened = disk.create(file)) {
      opened.write(state, 0, state.length, 0);
      opened.sync();
    }
    disk.syncDirectory(directory);
  }

  private String stateOfIndex() throws IOException {
    return String.format(Locale.ROOT, "%d %d%n", Files.size(index), Files.getLastModifiedTime(index).toMillis());
  }
}
