package org.posthorn.queue.spool;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The first line of a spool entry, of fixed width, which says what follows: the envelope as JSON, the content exactly as
 * it will be sent, and then event records, each on a line of its own, see {@link EventRecords}.
 *
 * <pre>posthorn 1 00000312 000000004096 8f3a1c22 5b0d11f0 1c2d3e4f</pre>
 *
 * <p>The numbers: version of the form, octets of the envelope and of the content in decimal, CRC-32C of the envelope, of
 * the content, and of the line so far, in hexadecimal. The line ends in LF.
 */
record EntryHeader(int envelopeBytes, long contentBytes, long envelopeCrc, long contentCrc) {
  static final int BYTES = 60;
  static final int MAX_ENVELOPE_BYTES = 99_999_999;
  private static final long MAX_CONTENT_BYTES = 999_999_999_999L;
  private static final byte[] TEMPLATE = "posthorn 1 eeeeeeee cccccccccccc eeeeeeee cccccccc hhhhhhhh\n"
      .getBytes(StandardCharsets.ISO_8859_1);
  private static final int ENVELOPE_BYTES_AT = 11;
  private static final int ENVELOPE_BYTES_DIGITS = 8;
  private static final int CONTENT_BYTES_AT = 20;
  private static final int CONTENT_BYTES_DIGITS = 12;
  private static final int ENVELOPE_CRC_AT = 33;
  private static final int CONTENT_CRC_AT = 42;
  private static final int HEADER_CRC_AT = 51;

  EntryHeader {
    if (envelopeBytes < 0 || envelopeBytes > MAX_ENVELOPE_BYTES || contentBytes < 0
        || contentBytes > MAX_CONTENT_BYTES) {
      throw new IllegalArgumentException("too long for a spool entry: " + envelopeBytes + ", " + contentBytes);
    }
  }

  /** Reads a header from the first {@link #BYTES} of {@code bytes}, of which {@code length} are there. */
  static EntryHeader parse(byte[] bytes, int length) throws DamagedEntryException {
    if (length < BYTES) {
      throw new DamagedEntryException("shorter than a header");
    }
    if (!Arrays.equals(bytes, 0, ENVELOPE_BYTES_AT, TEMPLATE, 0, ENVELOPE_BYTES_AT)) {
      throw new DamagedEntryException("not an entry of version 1");
    }
    if (Fields.hex(bytes, HEADER_CRC_AT) != Fields.crc(bytes, 0, HEADER_CRC_AT)) {
      throw new DamagedEntryException("wrong checksum of the header");
    }
    long envelopeBytes = Fields.decimal(bytes, ENVELOPE_BYTES_AT, ENVELOPE_BYTES_DIGITS);
    long contentBytes = Fields.decimal(bytes, CONTENT_BYTES_AT, CONTENT_BYTES_DIGITS);
    if (envelopeBytes < 0 || contentBytes < 0) {
      throw new DamagedEntryException("a length that is no number");
    }
    return new EntryHeader((int) envelopeBytes, contentBytes, Fields.hex(bytes, ENVELOPE_CRC_AT),
        Fields.hex(bytes, CONTENT_CRC_AT));
  }

  /** Writes this header to the first {@link #BYTES} of {@code bytes}. */
  void putInto(byte[] bytes) {
    System.arraycopy(TEMPLATE, 0, bytes, 0, BYTES);
    Fields.putDecimal(bytes, ENVELOPE_BYTES_AT, ENVELOPE_BYTES_DIGITS, envelopeBytes);
    Fields.putDecimal(bytes, CONTENT_BYTES_AT, CONTENT_BYTES_DIGITS, contentBytes);
    Fields.putHex(bytes, ENVELOPE_CRC_AT, envelopeCrc);
    Fields.putHex(bytes, CONTENT_CRC_AT, contentCrc);
    Fields.putHex(bytes, HEADER_CRC_AT, Fields.crc(bytes, 0, HEADER_CRC_AT));
  }

  /** Returns where the content begins. */
  long contentStart() {
    return (long) BYTES + envelopeBytes;
  }

  /** Returns where the events begin: the length of an entry to which nothing happened yet. */
  long eventsStart() {
    return contentStart() + contentBytes;
  }
}
