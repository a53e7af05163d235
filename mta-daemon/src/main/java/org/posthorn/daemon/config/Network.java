package org.posthorn.daemon.config;

import java.math.BigInteger;
import java.net.InetAddress;
import java.util.Optional;

/**
 * A range of addresses, {@code 192.0.2.0/24} or {@code 2001:db8::/32}; a single address is a range of one.
 *
 * @param base the first address
 * @param prefixLength how many leading bits all its addresses share
 */
public record Network(InetAddress base, int prefixLength) {
  public Network {
    int bits = base.getAddress().length * 8;
    if (prefixLength < 0 || prefixLength > bits) {
      throw new IllegalArgumentException("prefix length not 0 to " + bits + ": " + prefixLength);
    }
    var host = new BigInteger(1, base.getAddress());
    if (host.getLowestSetBit() >= 0 && host.getLowestSetBit() < bits - prefixLength) {
      throw new IllegalArgumentException("bits set beyond the prefix: " + base.getHostAddress() + "/" + prefixLength);
    }
  }

  /** Reads an address with or without {@code /prefix}; empty when it is none. Asks no DNS. */
  public static Optional<Network> parse(String text) {
    int slash = text.indexOf('/');
    try {
      var base = InetAddress.ofLiteral(slash < 0 ? text : text.substring(0, slash));
      int prefix = slash < 0 ? base.getAddress().length * 8 : Integer.parseInt(text.substring(slash + 1));
      return Optional.of(new Network(base, prefix));
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
  }

  /** Whether {@code address} lies in this range. An IPv4-mapped IPv6 address is already IPv4 in Java. */
  public boolean contains(InetAddress address) {
    byte[] ours = base.getAddress();
    byte[] theirs = address.getAddress();
    if (ours.length != theirs.length) {
      return false;
    }
    int drop = ours.length * 8 - prefixLength;
    return new BigInteger(1, ours).shiftRight(drop).equals(new BigInteger(1, theirs).shiftRight(drop));
  }

  @Override
  public String toString() {
    return base.getHostAddress() + "/" + prefixLength;
  }
}
