package org.posthorn.dns;

import java.net.InetAddress;
import java.util.List;

/** The addresses of a host. */
public sealed interface AddressResult {
  /** At least one address, IPv6 before IPv4. */
  record Addresses(List<InetAddress> addresses) implements AddressResult {
    public Addresses {
      addresses = List.copyOf(addresses);
      if (addresses.isEmpty()) {
        throw new IllegalArgumentException("no addresses");
      }
    }
  }

  /** The host does not exist, or has no address. */
  record None() implements AddressResult {}

  /** The DNS did not answer, or answered SERVFAIL or nonsense: try again later. */
  record Unavailable(String reason) implements AddressResult {}
}
