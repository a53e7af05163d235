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

  boolean hasEightBit() {
    byte all = 0;
    for (int i = 0; i < size; i++) {
      all |= bytes[i];
    }
    return all < 0;
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
