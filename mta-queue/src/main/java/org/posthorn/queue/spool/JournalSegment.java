package org.posthorn.queue.spool;

import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/** A file of the journal. Safe for use by many threads. */
final class JournalSegment {
  private static final String SUFFIX = ".journal";

  final long number;
  final Path file;
  /** Messages in it that have not left the journal. */
  final AtomicInteger live = new AtomicInteger();
  /** Its length in octets; what counts of it, that is. */
  volatile long bytes;
  /** Whether something in it could not be read, so that it is kept for the operator to look at. */
  volatile boolean isDamaged;

  JournalSegment(Path directory, long number) {
    this.number = number;
    this.file = directory.resolve("%012d%s".formatted(number, SUFFIX));
  }

  /** Returns the number of the segment that a file is named by; empty when it is none. */
  static Optional<Long> numberOf(String fileName) {
    return fileName.matches("\\d{12}\\Q" + SUFFIX + "\\E")
        ? Optional.of(Long.valueOf(fileName.substring(0, 12)))
        : Optional.empty();
  }
}
