package org.posthorn.queue;

import java.util.Arrays;
import java.util.function.Consumer;

/** Many queue ids in little memory: 16 to 48 octets each. Used by one thread. */
final class IdSet {
  private static final int RADIX = 36;
  private static final int HALF = 8;
  private static final int FIRST_CAPACITY = 1_024;
  private static final long FREE = -1;
  private static final long REMOVED = -2;

  /** The two halves of each id, as numbers: 36^8 fits into 42 bits. {@code high} may be {@link #FREE} or {@link #REMOVED}. */
  private long[] high;
  private long[] low;
  private int size;
  /** Slots that are not free, removed ones too. */
  private int used;

  IdSet() {
    high = new long[FIRST_CAPACITY];
    low = new long[FIRST_CAPACITY];
    Arrays.fill(high, FREE);
  }

  int size() {
    return size;
  }

  /** Adds an id, which may be there already. */
  void add(QueueId id) {
    if (used * 3L >= high.length * 2L) {
      grow();
    }
    put(Long.parseLong(id.value(), 0, HALF, RADIX), Long.parseLong(id.value(), HALF, 2 * HALF, RADIX));
  }

  boolean contains(QueueId id) {
    return high[slot(Long.parseLong(id.value(), 0, HALF, RADIX),
        Long.parseLong(id.value(), HALF, 2 * HALF, RADIX))] >= 0;
  }

  /** Removes an id; returns whether it was there. */
  boolean remove(QueueId id) {
    int slot = slot(Long.parseLong(id.value(), 0, HALF, RADIX), Long.parseLong(id.value(), HALF, 2 * HALF, RADIX));
    if (high[slot] < 0) {
      return false;
    }
    high[slot] = REMOVED;
    size--;
    return true;
  }

  /** Shows each id to {@code visitor}, in no order; the set must not change meanwhile. */
  void forEach(Consumer<QueueId> visitor) {
    for (int slot = 0; slot < high.length; slot++) {
      if (high[slot] >= 0) {
        visitor.accept(new QueueId(half(high[slot]) + half(low[slot])));
      }
    }
  }

  private static String half(long number) {
    var digits = Long.toString(number, RADIX);
    return "0".repeat(HALF - digits.length()) + digits;
  }

  private void put(long first, long second) {
    int slot = slot(first, second);
    if (high[slot] == FREE) {
      high[slot] = first;
      low[slot] = second;
      used++;
      size++;
    }
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
    high = new long[Math.multiplyExact(oldHigh.length, 2)];
    low = new long[high.length];
    Arrays.fill(high, FREE);
    size = 0;
    used = 0;
    for (int slot = 0; slot < oldHigh.length; slot++) {
      if (oldHigh[slot] >= 0) {
        put(oldHigh[slot], oldLow[slot]);
      }
    }
  }
}
