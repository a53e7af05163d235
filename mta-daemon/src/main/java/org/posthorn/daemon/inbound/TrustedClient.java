package org.posthorn.daemon.inbound;

import java.net.InetAddress;
import java.util.List;
import org.posthorn.daemon.auth.AddressPattern;
import org.posthorn.daemon.quota.SendingLimits;

/**
 * Clients that may send to anyone for where they are, within bounds: a printer, an application.
 *
 * @param name what it is called in the log and by {@code posthorn limits}
 * @param networks where they are
 * @param senders what they may send as
 * @param limits how much they may send, all together
 */
public record TrustedClient(String name, NetworkSet networks, List<AddressPattern> senders, SendingLimits limits) {
  public TrustedClient {
    senders = List.copyOf(senders);
  }

  /** Whether the one at {@code address} is meant. */
  boolean isAt(InetAddress address) {
    return networks.contains(address);
  }

  /** Whether it is bound to some addresses. */
  boolean isBound() {
    return !senders.contains(new AddressPattern.Any());
  }
}
