package org.posthorn.queue;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.posthorn.queue.QueueIndex.Told;

/**
 * When mail that could not be delivered is tried again, reported as late, and given up (RFC 5321 §4.5.4.1).
 *
 * @param first how long to wait after the first attempt; default 5 min; doubled after each further attempt
 * @param longest the longest wait between two attempts; default 4 h
 * @param jitter how far a wait strays from its length, as a fraction from 0 to 0.5; default 0.1; keeps mail that failed
 *     together from coming back together
 * @param lifetime how long we try before we return the message to its sender; default 5 d
 * @param nullSenderLifetime the same for mail from the null sender, which nobody waits for; default 2 d
 * @param delayReportAfter when the sender is told that delivery takes long; default 4 h; zero for never
 */
public record RetrySchedule(Duration first, Duration longest, double jitter, Duration lifetime,
    Duration nullSenderLifetime, Duration delayReportAfter) {
  /** What the RFC recommends and what senders are used to. */
  public static final RetrySchedule DEFAULT = new RetrySchedule(Duration.ofMinutes(5), Duration.ofHours(4), 0.1,
      Duration.ofDays(5), Duration.ofDays(2), Duration.ofHours(4));

  public RetrySchedule {
    requirePositive("first", first);
    requirePositive("lifetime", lifetime);
    requirePositive("nullSenderLifetime", nullSenderLifetime);
    if (longest.compareTo(first) < 0) {
      throw new IllegalArgumentException("longest is " + longest + ", which is shorter than first, " + first);
    }
    if (!(jitter >= 0 && jitter <= 0.5)) {
      throw new IllegalArgumentException("jitter is " + jitter + ", but must be from 0 to 0.5");
    }
    if (delayReportAfter.isNegative()) {
      throw new IllegalArgumentException("delayReportAfter is " + delayReportAfter + ", but must not be negative");
    }
  }

  /**
   * Returns when to try again after an attempt at {@code now}, or empty when the message has expired. The moments at
   * which the sender hears something, the report of delay and the expiry, are never slept through: all recipients that
   * still wait are due exactly then, so that one DSN tells of all of them.
   *
   * @param life that of the message
   * @param attempts attempts made so far, at least 1
   * @param notBefore when its destination is tried again at the earliest
   */
  public Optional<Instant> next(Lifespan life, int attempts, Instant now, Instant notBefore,
      RandomGenerator random) {
    Instant expiry = expiry(life);
    if (!now.isBefore(expiry)) {
      return Optional.empty();
    }
    Instant next = later(now.plus(delay(attempts, random)), notBefore);
    for (Instant moment : List.of(reportDue(life), life.lastChance(now).orElse(Instant.MAX))) {
      if (now.isBefore(moment) && moment.isBefore(next)) {
        next = moment;
      }
    }
    return Optional.of(next.isBefore(expiry) ? next : expiry);
  }

  /** Returns how long to wait after {@code attempts} attempts, at least 1. */
  public Duration delay(int attempts, RandomGenerator random) {
    Duration doubled = first.multipliedBy(1L << Math.min(attempts - 1, 20));
    Duration delay = doubled.compareTo(longest) < 0 ? doubled : longest;
    return delay.plusMillis(Math.round(delay.toMillis() * jitter * (2 * random.nextDouble() - 1)));
  }

  /**
   * Returns when the sender hears next of mail that just waits: that it takes long, or that it is given up.
   *
   * @param told what has been told already
   */
  public Instant nextWord(Instant queuedAt, Told told) {
    return queuedAt.plus(switch (told) {
      case NOTHING ->
        delayReportAfter.isZero() || delayReportAfter.compareTo(lifetime) > 0 ? lifetime : delayReportAfter;
      case DELAY -> lifetime;
      case NOBODY -> nullSenderLifetime;
    });
  }

  /** Returns when the sender of mail that is queued at {@code queuedAt} hears of it at the earliest, whoever that is. */
  public Instant firstWord(Instant queuedAt) {
    Instant bounce = nextWord(queuedAt, Told.NOBODY);
    Instant word = nextWord(queuedAt, Told.NOTHING);
    return bounce.isBefore(word) ? bounce : word;
  }

  /** Returns when we give up: when it has waited too long, or its sender wants no more of it (RFC 2852 §4.1.3). */
  public Instant expiry(Lifespan life) {
    Instant expiry = life.since().plus(lifetimeOf(life));
    return life.returnAt().filter(expiry::isAfter).orElse(expiry);
  }

  /** Returns how long we try, if nothing else is said. */
  public Duration lifetimeOf(Lifespan life) {
    return life.hasSender() ? lifetime : nullSenderLifetime;
  }

  /** Whether it is time to tell the sender, if there is one, that delivery takes long. */
  public boolean isLate(Lifespan life, Instant now) {
    return !now.isBefore(reportDue(life));
  }

  /** A sender who said when to be told of a delay is told then, and not at another time. */
  private Instant reportDue(Lifespan life) {
    if (!life.hasSender()) {
      return Instant.MAX;
    }
    return life.notifyAt()
        .orElseGet(() -> delayReportAfter.isZero() ? Instant.MAX : life.since().plus(delayReportAfter));
  }

  private static Instant later(Instant one, Instant other) {
    return one.isAfter(other) ? one : other;
  }

  private static void requirePositive(String name, Duration value) {
    if (value.isNegative() || value.isZero()) {
      throw new IllegalArgumentException(name + " is " + value + ", but must be longer than nothing");
    }
  }
}
