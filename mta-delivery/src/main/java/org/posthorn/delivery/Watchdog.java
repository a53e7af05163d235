package org.posthorn.delivery;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Breaks connections whose current step takes too long. A socket has a time limit for one read, but none for a write, and
 * none for a reply that comes octet by octet; closing it from outside ends all of these. Safe for use by many threads.
 */
final class Watchdog implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Watchdog.class);
  private static final Duration LONGEST_ROUND = Duration.ofMillis(500);
  private static final Duration SHORTEST_ROUND = Duration.ofMillis(2);

  private final Set<Transport> watched = ConcurrentHashMap.newKeySet();
  private final ScheduledExecutorService rounds;

  /** Starts to go its rounds, often enough for limits as short as {@code shortestLimit}. */
  Watchdog(Duration shortestLimit) {
    rounds = Executors.newSingleThreadScheduledExecutor(
        Thread.ofPlatform().daemon().name("outbound-watchdog").factory());
    long nanos = Math.clamp(shortestLimit.dividedBy(8).toNanos(), SHORTEST_ROUND.toNanos(), LONGEST_ROUND.toNanos());
    Future<?> _ = rounds.scheduleWithFixedDelay(this::round, nanos, nanos, TimeUnit.NANOSECONDS);
  }

  void watch(Transport transport) {
    watched.add(transport);
  }

  void forget(Transport transport) {
    watched.remove(transport);
  }

  /** Stops; connections that are still open have no time limit any more. */
  @Override
  public void close() {
    rounds.shutdownNow();
  }

  private void round() {
    long now = System.nanoTime();
    watched.forEach(transport -> {
      try {
        transport.breakIfLate(now);
      } catch (RuntimeException | Error e) { // of one connection, and the others must still have their limits
        log.atError().setCause(e).log("cannot break a connection that takes too long");
      }
    });
  }
}
