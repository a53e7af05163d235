package org.posthorn.daemon.tracking;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;

/**
 * How messages are tracked.
 *
 * @param addresses where senders may ask, by MTQP (RFC 3887); none: nothing is tracked, and MTRK is not offered; default none
 * @param retention for how long it is known what became of a message, at least a day (RFC 3885 §3.1); default 9 days
 * @param messages how many are tracked at a time; default 100,000
 * @param connections served at once; default 100
 * @param perClient of them from one IPv4 address or one IPv6 /64; default 5
 */
public record TrackingSettings(List<InetSocketAddress> addresses, Duration retention, int messages, int connections,
    int perClient) {
  /** The defaults. */
  public static final TrackingSettings DEFAULT = new TrackingSettings(List.of(), Duration.ofDays(9), 100_000, 100,
      5);

  public TrackingSettings {
    addresses = List.copyOf(addresses);
  }

  /** Returns for how long messages are tracked; zero when they are not. */
  public Duration inForce() {
    return addresses.isEmpty() ? Duration.ZERO : retention;
  }
}
