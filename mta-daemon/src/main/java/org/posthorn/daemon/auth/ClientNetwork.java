package org.posthorn.daemon.auth;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;

/** The network that stands for a client: one IPv4 address, or an IPv6 /64, which one household has. */
public final class ClientNetwork {
  private static final int IPV6_PREFIX_OCTETS = 8;

  private ClientNetwork() {}

  /** Returns it as text. */
  public static String of(InetAddress address) {
    byte[] octets = address.getAddress();
    if (octets.length == 4) {
      return address.getHostAddress();
    }
    Arrays.fill(octets, IPV6_PREFIX_OCTETS, octets.length, (byte) 0);
    try {
      return InetAddress.getByAddress(octets).getHostAddress() + "/64";
    } catch (UnknownHostException e) {
      throw new IllegalStateException("16 octets are an address", e);
    }
  }
}
