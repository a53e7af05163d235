package org.posthorn.smtp;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Searches octets eight at a time: message content passes through here on the hot path. */
final class Octets {
  /** How many octets a word has. */
  static final int WORD = 8;

  /** The high bit of each octet of a word. */
  static final long HIGH_BITS = 0x8080_8080_8080_8080L;

  private static final VarHandle WORDS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long ONES = 0x0101_0101_0101_0101L;

  private Octets() {}

  /** Returns the eight octets at {@code at}, the first one lowest. */
  static long word(byte[] octets, int at) {
    return (long) WORDS.get(octets, at);
  }

  /**
   * Returns a word whose lowest set bit is in the first octet of {@code word} that equals {@code octet}; 0 if none
   * does. Bits above the lowest may be wrong.
   */
  static long matches(long word, byte octet) {
    long zeroWhereEqual = word ^ (ONES * octet);
    return (zeroWhereEqual - ONES) & ~zeroWhereEqual & HIGH_BITS;
  }

  /** Returns where the next {@code octet} is, or {@code to} if there is none. */
  static int indexOf(byte[] octets, byte octet, int from, int to) {
    int i = from;
    for (; i <= to - WORD; i += WORD) {
      long found = matches(word(octets, i), octet);
      if (found != 0) {
        return i + Long.numberOfTrailingZeros(found) / Byte.SIZE;
      }
    }
    while (i < to && octets[i] != octet) {
      i++;
    }
    return i;
  }
}
