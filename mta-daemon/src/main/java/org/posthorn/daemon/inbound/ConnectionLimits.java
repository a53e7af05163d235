package org.posthorn.daemon.inbound;

import java.time.Duration;

/**
 * How many clients are served at once, and how slow they may be.
 *
 * @param total connections at once, 1 to 1,000,000; default 1000; one more gets 421 4.7.0
 * @param perClient connections at once from one IPv4 address or one IPv6 /64 outside the trusted networks; default 50
 * @param commandIdle until a whole command has arrived; default 5 min, which RFC 5321 §4.5.3.2.7 wants at least
 * @param dataIdle until more of a message has arrived; default 5 min
 * @param bytesPerSecond what a message must arrive with, averaged over a minute; 0 to 1,000,000; default 500
 * @param greetingDelay how long the greeting waits; who talks before it gets 554; default zero: no delay, no check;
 *     trusted clients do not wait
 * @param handshake until a TLS handshake is done; default 30 s
 */
public record ConnectionLimits(int total, int perClient, Duration commandIdle, Duration dataIdle, int bytesPerSecond,
    Duration greetingDelay, Duration handshake) {
  /** The defaults. */
  public static final ConnectionLimits DEFAULT = new ConnectionLimits(1000, 50, Duration.ofMinutes(5),
      Duration.ofMinutes(5), 500, Duration.ZERO, Duration.ofSeconds(30));

  public ConnectionLimits {
    Require.within("connections in total", total, 1, 1_000_000);
    Require.within("connections per client", perClient, 1, 1_000_000);
    Require.positive("idle time between commands", commandIdle);
    Require.positive("idle time within data", dataIdle);
    Require.within("bytes per second", bytesPerSecond, 0, 1_000_000);
    Require.notNegative("greeting delay", greetingDelay);
    Require.positive("time of a TLS handshake", handshake);
  }
}
