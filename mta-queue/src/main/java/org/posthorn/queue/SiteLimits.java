package org.posthorn.queue;

import java.time.Duration;

/**
 * How hard one destination is pressed.
 *
 * @param initial transactions at once at first; default 5
 * @param most transactions at once when all goes well; default 20
 * @param unreachedBeforeBackoff attempts in a row that did not reach the destination before we leave it alone; default 3
 * @param firstBackoff how long we leave it alone at first; default 5 min; doubled each time that it is still unreachable
 * @param longestBackoff how long we leave it alone at most; default 1 h
 */
public record SiteLimits(int initial, int most, int unreachedBeforeBackoff, Duration firstBackoff,
    Duration longestBackoff) {
  /** Gentle enough for a small host, fast enough for a large one. */
  public static final SiteLimits DEFAULT = new SiteLimits(5, 20, 3, Duration.ofMinutes(5), Duration.ofHours(1));

  public SiteLimits {
    if (initial < 1 || most < initial) {
      throw new IllegalArgumentException("initial and most are " + initial + " and " + most
          + ", but must be at least 1 and at least as many");
    }
    if (unreachedBeforeBackoff < 1) {
      throw new IllegalArgumentException(
          "unreachedBeforeBackoff is " + unreachedBeforeBackoff + ", but must be at least 1");
    }
    if (firstBackoff.isNegative() || firstBackoff.isZero() || longestBackoff.compareTo(firstBackoff) < 0) {
      throw new IllegalArgumentException("firstBackoff and longestBackoff are " + firstBackoff + " and "
          + longestBackoff + ", but must be longer than nothing and at least as long");
    }
  }

  /** Returns how long to leave a destination alone that was found unreachable {@code times} times in a row. */
  Duration backoff(int times) {
    Duration doubled = firstBackoff.multipliedBy(1L << Math.min(times - 1, 20));
    return doubled.compareTo(longestBackoff) < 0 ? doubled : longestBackoff;
  }
}
