package org.posthorn.daemon.admin;

import java.util.List;

/**
 * How the tracking server (MTQP, RFC 3887) is.
 *
 * @param addresses where it listens, as {@code address:port}; none when it does not
 * @param clients connected now
 * @param connections since the start
 * @param refused connections beyond a bound
 * @param known questions that were answered with what is known
 * @param unknown questions about messages of which nothing is known, or whose secret is another
 * @param messages that are tracked
 */
public record TrackingView(List<String> addresses, int clients, long connections, long refused, long known,
    long unknown, int messages) {
  /** It is off. */
  public static final TrackingView OFF = new TrackingView(List.of(), 0, 0, 0, 0, 0, 0);

  public TrackingView {
    addresses = List.copyOf(addresses);
  }
}
