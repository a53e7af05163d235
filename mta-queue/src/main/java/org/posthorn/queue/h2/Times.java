package org.posthorn.queue.h2;

import java.time.Instant;

/** Instants as the database keeps them: milliseconds, the rest cut off. */
final class Times {
  private static final Instant LAST = Instant.ofEpochMilli(Long.MAX_VALUE);
  private static final Instant FIRST = Instant.ofEpochMilli(Long.MIN_VALUE);

  private Times() {}

  /** Returns the first millisecond that is not before {@code instant}: nothing may happen too early. */
  static long millisUp(Instant instant) {
    return instant.isAfter(LAST.minusSeconds(1)) ? Long.MAX_VALUE : millis(instant.plusNanos(999_999));
  }

  static long millis(Instant instant) {
    if (instant.isAfter(LAST)) {
      return Long.MAX_VALUE;
    }
    return instant.isBefore(FIRST) ? Long.MIN_VALUE : instant.toEpochMilli();
  }
}
