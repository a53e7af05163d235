package org.posthorn.queue.storage;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import org.posthorn.queue.spool.Disk;

/**
 * The file {@code boot}: since which start of the machine the index agrees with the spool. When that is another one than
 * now, or cannot be told, what was written last may be lost. It need not be synced: where it is missing, old or torn it says
 * nothing of now.
 */
final class BootMark {
  private static final int MAX_BYTES = 128;

  private final Disk disk;
  private final Path file;

  BootMark(Disk disk, Path directory) {
    this.disk = disk;
    this.file = directory.resolve("boot");
  }

  /** Whether the machine has run since the mark was put. */
  boolean isOfNow() throws IOException {
    return disk.boot().isPresent() && disk.boot().equals(marked());
  }

  /** Marks that index and spool agree now. */
  void put() throws IOException {
    var now = disk.boot();
    if (now.isEmpty() || now.equals(marked())) {
      return;
    }
    byte[] bytes = now.get().getBytes(StandardCharsets.US_ASCII);
    disk.delete(file);
    try (var opened = disk.create(file)) {
      opened.write(bytes, 0, bytes.length, 0);
    }
  }

  private Optional<String> marked() throws IOException {
    try (var opened = disk.openForReading(file)) {
      byte[] bytes = new byte[MAX_BYTES];
      int length = Math.max(0, opened.read(bytes, 0, bytes.length, 0));
      return Optional.of(new String(bytes, 0, length, StandardCharsets.US_ASCII));
    } catch (NoSuchFileException _) {
      return Optional.empty();
    }
  }
}
