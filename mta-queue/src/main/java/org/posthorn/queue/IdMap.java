package org.posthorn.queue;

import java.util.Arrays;

/** Many queue ids, each with a number, in little memory: 24 to 72 octets each. Used by one thread. */
final class IdMap {
  /** What is returned for an id that is not there. */
  static final long ABSENT = -1;

  private static final int RADIX = 36;
  private static final int HALF = 8;
  private static final int FIRST_CAPACITY = 1_024;
  private static final long FREE = -1;
  private static final long REMOVED = -2;

  /** What is done with an id and its number. */
  @FunctionalInterface
  interface Visitor {
    void visit(QueueId id, long number);
  }

  /** The two halves of each id, as numbers: 36^8 fits into 42 bits. {@code high} may be {@link #FREE} or {@link #REMOVED}. */
  private long[] high;
  private long[] low;
  private long[] numbers;
  private int size;
  /** Slots that are not free, removed ones too. */
  private int used;

  IdMap() {
    high = new long[FIRST_CAPACITY];
    low = new long[FIRST_CAPACITY];
    numbers = new long[FIRST_CAPACITY];
    Arrays.fill(high, FREE);
  }

  int size() {
    return size;
  }

  /** Adds an id, or gives it another number, which is not negative. */
  void put(QueueId id, long number) {
    if (used * 3L >= high.length * 2L) {
      grow();
    }
    put(high(id), low(id), number);
  }

  /** Returns the number of an id, or {@link #ABSENT}. */
  long get(QueueId id) {
    int slot = slot(high(id), low(id));
    return high[slot] < 0 ? ABSENT : numbers[slot];
  }

  /** Removes an id; returns its number, or {@link #ABSENT}. */
  long remove(QueueId id) {
    int slot = slot(high(id), low(id));
    if (high[slot] < 0) {
      return ABSENT;
    }
    high[slot] = REMOVED;
    size--;
    return numbers[slot];
  }

  /** Shows each id to {@code visitor}, in no order; the map must not change meanwhile. */
  void forEach(Visitor visitor) {
    for (int slot = 0; slot < high.length; slot++) {
      if (high[slot] >= 0) {
        visitor.visit(new QueueId(half(high[slot]) + half(low[slot])), numbers[slot]);
      }
    }
  }

  private static long high(QueueId id) {
    return Long.parseLong(id.value(), 0, HALF, RADIX);
  }

  private static long low(QueueId id) {
    return Long.parseLong(id.value(), HALF, 2 * HALF, RADIX);
  }

  private static String half(long number) {
    var digits = Long.toString(number, RADIX);
    return "0".repeat(HALF - digits.length()) + digits;
  }

  private void put(long first, long second, long number) {
    int slot = slot(first, second);
    if (high[slot] == FREE) {
      high[slot] = first;
      low[slot] = second;
      used++;
      size++;
    }
    numbers[slot] = number;
  }

  /** Returns where an id is, or the free slot where it would go. */
  private int slot(long first, long second) {
    long hash = (first * 0x9E3779B97F4A7C15L ^ second) * 0xC2B2AE3D27D4EB4FL;
    int slot = (int) (hash >>> 32) & (high.length - 1);
    while (high[slot] != FREE && (high[slot] != first || low[slot] != second)) {
      slot = (slot + 1) & (high.length - 1);
    }
    return slot;
  }

  private void grow() {
    long[] oldHigh = high;
    long[] oldLow = low;
    long[] oldNumbers = numbers;
    high = new long[Math.multiplyExact(oldHigh.length, 2)];
    low = new long[high.length];
    numbers = new long[high.length];
    Arrays.fill(high, FREE);
    size = 0;
    used = 0;
    for (int slot = 0; slot < oldHigh.length; slot++) {
      if (oldHigh[slot] >= 0) {
        put(oldHigh[slot], oldLow[slot], oldNumbers[slot]);
      }
    }
  }
}
