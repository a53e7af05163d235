package org.posthorn.daemon.inbound;

import java.time.Duration;

/**
 * How much is kept of messages that break off, so that clients can go on with them (RFC 1845).
 *
 * @param isOffered whether clients may ask for it; default false
 * @param retention for how long it is kept; default 2 d, which RFC 1845 §3 recommends
 * @param all of all clients together; default 1000 transactions, 1 GB
 * @param each of one client, who is known by its login, IPv4 address or IPv6 /64; default 100 transactions, 256 MB
 */
public record CheckpointSettings(boolean isOffered, Duration retention, Bound all, Bound each) {
  /** The defaults. */
  public static final CheckpointSettings DEFAULT = new CheckpointSettings(false, Duration.ofDays(2),
      new Bound(1000, 1L << 30), new Bound(100, 256L << 20));

  /**
   * What is kept at most.
   *
   * @param transactions of how many
   * @param bytes how many octets of them together
   */
  public record Bound(int transactions, long bytes) {}
}
