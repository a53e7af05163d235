package org.posthorn.daemon.inbound;

import java.net.InetSocketAddress;
import java.util.List;

/**
 * Where one kind of clients is served.
 *
 * @param addresses to listen on, at least one; port 0 takes any free one
 * @param kind whom it is for
 */
public record ListenerSettings(List<InetSocketAddress> addresses, Kind kind) {
  /** What a listener takes mail for. */
  public enum Kind {
    /** From anybody for our domains, and from trusted networks for anyone. */
    MX
  }

  public ListenerSettings {
    addresses = List.copyOf(addresses);
    Require.that(!addresses.isEmpty(), "a listener without an address");
  }
}
