package org.posthorn.queue;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;

/**
 * Makes queue ids: ten characters of time, which only grows, and six of chance. No two ids of a process are alike, even
 * when the clock steps back; those of two runs differ by chance, 1 in two thousand million for the same microsecond.
 * Safe for use by many threads, if {@code random} is.
 */
public final class QueueIdSource {
  private static final int TIME_CHARS = 10;
  private static final int RANDOM_CHARS = 6;
  private static final long RANDOM_BOUND = 2_176_782_336L; // 36^6
  private static final int RADIX = 36;
  /** Ids count from here, so that their ten characters last until the year 2135. */
  private static final long EPOCH_SECOND = Instant.parse("2020-01-01T00:00:00Z").getEpochSecond();

  private final InstantSource clock;
  private final RandomGenerator random;
  private final AtomicLong lastMicros = new AtomicLong();

  /** Makes ids by {@code clock} and {@code random}. */
  public QueueIdSource(InstantSource clock, RandomGenerator random) {
    this.clock = clock;
    this.random = random;
  }

  /** Returns an id that sorts behind all that this source made before. */
  public QueueId next() {
    var now = clock.instant();
    long nowMicros = (now.getEpochSecond() - EPOCH_SECOND) * 1_000_000 + now.getNano() / 1_000;
    long micros = lastMicros.updateAndGet(last -> Math.max(last + 1, nowMicros));
    byte[] chars = new byte[TIME_CHARS + RANDOM_CHARS];
    put(chars, 0, TIME_CHARS, micros);
    put(chars, TIME_CHARS, RANDOM_CHARS, random.nextLong(RANDOM_BOUND));
    return new QueueId(new String(chars, StandardCharsets.ISO_8859_1));
  }

  private static void put(byte[] chars, int from, int count, long number) {
    long rest = number;
    for (int i = from + count - 1; i >= from; i--) {
      chars[i] = (byte) Character.forDigit((int) (rest % RADIX), RADIX);
      rest /= RADIX;
    }
  }
}
