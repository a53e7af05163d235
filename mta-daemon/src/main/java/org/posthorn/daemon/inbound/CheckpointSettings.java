package org.posthorn.daemon.inbound;

import java.time.Duration;

/**
 * How much is kept of messages that break off, so that clients can go on with them (RFC 1845).
 *
 * @param isOffered whether clients may ask for it; default false
 * @param retention for how long it is kept; default 2 d, which RFC 1845 §3 recommends
 * @param transactions of how many transactions at most; default 1000
 * @param bytes how many octets of all of them together; default 1 GB
 */
public record CheckpointSettings(boolean isOffered, Duration retention, int transactions, long bytes) {
  /** The defaults. */
  public static final CheckpointSettings DEFAULT = new CheckpointSettings(false, Duration.ofDays(2), 1000, 1L << 30);
}
