package org.posthorn.daemon.inbound;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import org.posthorn.queue.SpoolDraft;

/** Octets of one message that wait in memory; what is held by all messages is counted. */
final class HeldOctets {
  private static final byte[] NONE = new byte[0];
  private static final int FIRST_BYTES = 8 * 1024;

  private final AtomicLong heldByAll;
  private byte[] bytes = NONE;
  private int size;

  HeldOctets(AtomicLong heldByAll) {
    this.heldByAll = heldByAll;
  }

  void append(byte[] octets, int from, int to) {
    int length = to - from;
    if (bytes.length - size < length) {
      grow(size + length);
    }
    System.arraycopy(octets, from, bytes, size, length);
    size += length;
  }

  int size() {
    return size;
  }

  /**
   * Whether the first line is neither a header field nor the empty line behind an empty header section: then it is the body,
   * and would be taken for a broken field under the fields that we put on top (RFC 5322 §2.2).
   */
  boolean beginsWithoutField() {
    int at = 0;
    while (at < size && bytes[at] > ' ' && bytes[at] < 127 && bytes[at] != ':') {
      at++;
    }
    boolean isField = at > 0 && at < size && (bytes[at] == ':' || isSpaceBeforeColon(at));
    return size > 0 && bytes[0] != '\r' && !isField;
  }

  /** RFC 5322 §4.5: old messages have white space before the colon. */
  private boolean isSpaceBeforeColon(int from) {
    int at = from;
    while (at < size && (bytes[at] == ' ' || bytes[at] == '\t')) {
      at++;
    }
    return at < size && bytes[at] == ':';
  }

  /** Moves everything to {@code draft}. */
  void writeTo(SpoolDraft draft) {
    draft.write(bytes, 0, size);
    size = 0;
  }

  /** Lets go of everything. */
  void clear() {
    heldByAll.addAndGet(-bytes.length);
    bytes = NONE;
    size = 0;
  }

  private void grow(int needed) {
    var grown = Arrays.copyOf(bytes, Math.max(Math.max(needed, bytes.length * 2), FIRST_BYTES));
    heldByAll.addAndGet(grown.length - bytes.length);
    bytes = grown;
  }
}
