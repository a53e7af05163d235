package org.posthorn.queue.spool;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.posthorn.queue.QueueId;

/**
 * The line in front of each record of the journal, of fixed width:
 *
 * <pre>record e 0k1v6h2m9xq3bd7z 0000004321 8f3a1c22 1b2c3d4e</pre>
 *
 * <p>What it is, of which message, the octets that follow, their CRC-32C, and that of the line so far with the key of the
 * segment, so that neither what a message contains nor what an earlier segment left in the file is taken for a record. What follows an
 * {@code e} is a spool entry as a file of its own would have it ({@link EntryHeader}); a {@code v}, event records
 * ({@link EventRecords}); a {@code d}, nothing: the message has left the journal.
 */
record JournalRecord(Kind kind, QueueId id, int length, long crc) {
  /** What a record says of its message. */
  enum Kind {
    /** It came in. */
    ENTRY('e'),
    /** Something happened to it. */
    EVENTS('v'),
    /** It is done, or has a file of its own. */
    DONE('d');

    private final byte letter;

    Kind(char letter) {
      this.letter = (byte) letter;
    }

    private static Optional<Kind> of(byte letter) {
      return Arrays.stream(values()).filter(kind -> kind.letter == letter).findFirst();
    }
  }

  static final int BYTES = 55;
  private static final byte[] START = "record ".getBytes(StandardCharsets.ISO_8859_1);
  private static final int KIND_AT = 7;
  private static final int ID_AT = 9;
  private static final int ID_CHARS = 16;
  private static final int LENGTH_AT = 26;
  private static final int LENGTH_DIGITS = 10;
  private static final int CRC_AT = 37;
  private static final int LINE_CRC_AT = 46;

  /** Writes the line to {@code bytes} from {@code at}, for the segment with {@code key}. */
  @SuppressWarnings("deprecation") // ids are ASCII, and this copies them without an encoder
  void putInto(byte[] bytes, int at, long key) {
    Arrays.fill(bytes, at, at + BYTES, (byte) ' ');
    System.arraycopy(START, 0, bytes, at, START.length);
    bytes[at + KIND_AT] = kind.letter;
    id.value().getBytes(0, ID_CHARS, bytes, at + ID_AT);
    Fields.putDecimal(bytes, at + LENGTH_AT, LENGTH_DIGITS, length);
    Fields.putHex(bytes, at + CRC_AT, crc);
    Fields.putHex(bytes, at + LINE_CRC_AT, lineCrc(bytes, at, key));
    bytes[at + BYTES - 1] = '\n';
  }

  private static long lineCrc(byte[] bytes, int at, long key) {
    var crc = new CRC32C();
    crc.update(bytes, at, LINE_CRC_AT);
    for (int shift = 0; shift < Long.SIZE; shift += Byte.SIZE) {
      crc.update((int) (key >>> shift) & 0xff);
    }
    return crc.getValue();
  }

  /** Reads the line at {@code at} of the segment with {@code key}; empty when none is there that is whole. */
  static Optional<JournalRecord> parse(byte[] bytes, int at, long key) {
    if (bytes.length - at < BYTES || !Arrays.equals(bytes, at, at + START.length, START, 0, START.length)
        || Fields.hex(bytes, at + LINE_CRC_AT) != lineCrc(bytes, at, key)) {
      return Optional.empty();
    }
    var id = new String(bytes, at + ID_AT, ID_CHARS, StandardCharsets.ISO_8859_1);
    long length = Fields.decimal(bytes, at + LENGTH_AT, LENGTH_DIGITS);
    if (!QueueId.isValid(id) || length < 0 || length > Integer.MAX_VALUE) {
      return Optional.empty();
    }
    return Kind.of(bytes[at + KIND_AT])
        .map(kind -> new JournalRecord(kind, new QueueId(id), (int) length, Fields.hex(bytes, at + CRC_AT)));
  }

  /** Whether what follows the line, from {@code at}, is there and as it was written. */
  boolean isFollowed(byte[] bytes, int at) {
    return length <= bytes.length - at && Fields.crc(bytes, at, length) == crc;
  }
}
