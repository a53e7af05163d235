package org.posthorn.queue.spool;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.posthorn.queue.SpoolException;

/** Refuses new mail while too little space is free, asking the disk at most once a second. Safe for use by many threads. */
final class FreeSpace {
  private static final Duration KEPT = Duration.ofSeconds(1);

  private record Measured(Instant at, long bytes) {}

  private final Disk disk;
  private final Path directory;
  private final long minBytes;
  private volatile Measured last = new Measured(Instant.MIN, 0);

  FreeSpace(Disk disk, Path directory, long minBytes) {
    this.disk = disk;
    this.directory = directory;
    this.minBytes = minBytes;
  }

  /** Throws SpoolException when, at {@code now}, less is free than must be. */
  void check(Instant now) {
    if (minBytes == 0) {
      return;
    }
    var measured = last;
    if (now.isBefore(measured.at()) || !now.isBefore(expiry(measured))) { // before: the clock was set back
      measured = measure(now);
      last = measured;
    }
    if (measured.bytes() < minBytes) {
      throw new SpoolException(
          "%d octets free in %s, fewer than %d".formatted(measured.bytes(), directory, minBytes));
    }
  }

  private static Instant expiry(Measured measured) {
    return measured.at().equals(Instant.MIN) ? Instant.MIN : measured.at().plus(KEPT);
  }

  private Measured measure(Instant now) {
    try {
      return new Measured(now, disk.usableSpace(directory));
    } catch (IOException e) {
      throw new SpoolException("cannot tell the free space of " + directory, e);
    }
  }
}
