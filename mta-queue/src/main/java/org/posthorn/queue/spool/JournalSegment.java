package org.posthorn.queue.spool;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/** A file of the journal. Safe for use by many threads. */
final class JournalSegment {
  private static final String SUFFIX = ".journal";
  private static final String START = "posthorn-journal 1 ";

  /** Octets of the first line: {@code posthorn-journal 1}, the number, and the key. */
  static final int START_BYTES = 49;

  final long number;
  final Path file;
  /** Goes into the checksum of each record, and cannot be guessed by who writes a message. */
  final long key;
  /** Messages in it that have not left the journal. */
  final AtomicInteger live = new AtomicInteger();
  /** Its length in octets; what counts of it, that is. */
  volatile long bytes;
  /** Whether something in it could not be read, so that it is kept for the operator to look at. */
  volatile boolean isDamaged;
  /** Whether its file has another name already, or none, and the directory is still to be synced. */
  boolean isTakenAway;
  @GuardedBy("this")
  private int readers;
  @GuardedBy("this")
  private boolean isClosed;

  JournalSegment(Path directory, long number, long key) {
    this.number = number;
    this.key = key;
    this.file = directory.resolve(fileName(number));
  }

  /** Begins to read from its file, until {@link #leave}; false when that is about to go, or has gone. */
  synchronized boolean enter() {
    readers += isClosed ? 0 : 1;
    return !isClosed;
  }

  /** Ends {@link #enter}. */
  synchronized void leave() {
    readers--;
  }

  /** Lets nobody begin to read any more; returns whether some still do. */
  synchronized boolean close() {
    isClosed = true;
    return readers > 0;
  }

  static String fileName(long number) {
    return digits(number) + SUFFIX;
  }

  /** Returns the first line. */
  byte[] start() {
    return (START + digits(number) + " " + HexFormat.of().toHexDigits(key) + "\n")
        .getBytes(StandardCharsets.ISO_8859_1);
  }

  /**
   * Reads the first line of what the file of segment {@code number} holds.
   *
   * @return empty when it is the line of none, or of another: a file is written over, and in this one nothing is synced yet
   */
  static Optional<JournalSegment> read(Path directory, long number, byte[] bytes) {
    var line = new String(bytes, 0, Math.min(bytes.length, START_BYTES), StandardCharsets.ISO_8859_1);
    return line.matches(START + digits(number) + " [0-9a-f]{16}\n")
        ? Optional.of(new JournalSegment(directory, number, HexFormat.fromHexDigitsToLong(line, START_BYTES - 17,
            START_BYTES - 1)))
        : Optional.empty();
  }

  /** Whether {@code bytes} begin like a segment, of any number. */
  static boolean hasStart(byte[] bytes) {
    return new String(bytes, 0, Math.min(bytes.length, START_BYTES), StandardCharsets.ISO_8859_1)
        .matches(START + "\\d{12} [0-9a-f]{16}\n");
  }

  /** Returns the number of the segment that a file is named by; empty when it is none. */
  static Optional<Long> numberOf(String fileName) {
    return fileName.matches("\\d{12}\\Q" + SUFFIX + "\\E")
        ? Optional.of(Long.valueOf(fileName.substring(0, 12)))
        : Optional.empty();
  }

  /** In ASCII, whatever digits people use where the machine is: a segment under another name would never be read again. */
  private static String digits(long number) {
    return String.format(Locale.ROOT, "%012d", number);
  }
}
