package org.posthorn.daemon.inbound;

/**
 * How much is kept of transactions that broke off or were just completed (RFC 1845).
 *
 * @param transactions of how many
 * @param bytes how many octets of their content
 */
public record CheckpointFill(int transactions, long bytes) {
  /** Nothing is kept. */
  public static final CheckpointFill NONE = new CheckpointFill(0, 0);

  CheckpointFill plus(int more, long octets) {
    return new CheckpointFill(transactions + more, bytes + octets);
  }

  /** Whether so many octets of one transaction fit in, which may be a new one. */
  boolean hasRoom(boolean isNew, long octets, CheckpointSettings.Bound bound) {
    return (!isNew || transactions < bound.transactions()) && (octets == 0 || bytes + octets <= bound.bytes());
  }
}
