package org.posthorn.smtp;

/**
 * Looks at the content of a message on its way in, whether it came by DATA (behind {@link DotDecoder}) or by BDAT:
 * are all its line ends CRLF, is it 8-bit, how long are its lines? Bounded memory; one thread at a time uses it.
 */
public final class ContentScan implements ContentSink {
  private boolean bareLineEnd;
  private boolean lastWasCr;
  private long seenBits;
  private long size;
  private long lineLength;
  private long longestLine;

  @Override
  public void take(byte[] octets, int from, int to) {
    size += to - from;
    int at = from;
    while (at < to) {
      if (!lastWasCr) {
        int stop = nextLineEnd(octets, at, to);
        lineLength += stop - at;
        at = stop;
      }
      if (at < to) {
        takeOctet(octets[at++]);
      }
    }
  }

  /** Whether a CR without LF or a LF without CR was among the octets, which is refused with 550 5.5.2. */
  public boolean hasBareLineEnd() {
    return bareLineEnd || lastWasCr;
  }

  /** Whether the last line has its CRLF; an empty message counts as complete. */
  public boolean endsWithLineEnd() {
    return lineLength == 0;
  }

  /** Whether there was an octet above 127, so that the next hop needs 8BITMIME (RFC 6152). */
  public boolean isEightBit() {
    return (seenBits & Octets.HIGH_BITS) != 0;
  }

  /** Returns how many octets were seen. */
  public long size() {
    return size;
  }

  /** Returns the length of the longest line so far, in octets without its CRLF. */
  public long longestLine() {
    return Math.max(longestLine, lineLength);
  }

  /** Returns where the next CR or LF is, or {@code to}. */
  private int nextLineEnd(byte[] octets, int from, int to) {
    int at = from;
    for (; at <= to - Octets.WORD; at += Octets.WORD) {
      long word = Octets.word(octets, at);
      seenBits |= word; // what is behind a line end is part of the content too
      long found = Octets.matches(word, (byte) '\r') | Octets.matches(word, (byte) '\n');
      if (found != 0) {
        return at + Long.numberOfTrailingZeros(found) / Byte.SIZE;
      }
    }
    while (at < to && octets[at] != '\r' && octets[at] != '\n') {
      seenBits |= octets[at++];
    }
    return at;
  }

  /** Takes a CR, a LF, or whatever follows a CR. */
  private void takeOctet(byte octet) {
    if (octet == '\n') {
      bareLineEnd |= !lastWasCr;
      endLine();
    } else {
      bareLineEnd |= lastWasCr;
      seenBits |= octet;
      lineLength += octet == '\r' ? 0 : 1;
    }
    lastWasCr = octet == '\r';
  }

  private void endLine() {
    longestLine = Math.max(longestLine, lineLength);
    lineLength = 0;
  }
}
