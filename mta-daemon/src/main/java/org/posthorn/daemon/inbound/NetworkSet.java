package org.posthorn.daemon.inbound;

import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A set of addresses, given as networks: {@code 192.0.2.0/24}, {@code 2001:db8::/32}, or single addresses. An IPv4 address
 * that is mapped into IPv6 counts as IPv4 (RFC 4291 §2.5.5.2).
 */
public final class NetworkSet {
  /** The loopback networks of IPv4 and IPv6. */
  public static final NetworkSet LOOPBACK = NetworkSet.of(List.of("127.0.0.0/8", "::1/128"));

  /** All networks. */
  public static final NetworkSet ANYWHERE = NetworkSet.of(List.of("0.0.0.0/0", "::/0"));

  /** No network. */
  public static final NetworkSet NONE = NetworkSet.of(List.of());

  private final List<Network> networks;

  private NetworkSet(List<Network> networks) {
    this.networks = networks;
  }

  /** Reads networks; throws IllegalArgumentException that names the one that is none, or has bits beyond its prefix. */
  public static NetworkSet of(List<String> networks) {
    return new NetworkSet(networks.stream().map(Network::of).toList());
  }

  /** Whether {@code address} lies in one of the networks. */
  public boolean contains(InetAddress address) {
    byte[] octets = address.getAddress();
    for (var network : networks) {
      if (network.contains(octets)) {
        return true;
      }
    }
    return false;
  }

  /** Whether it has no network at all. */
  public boolean isEmpty() {
    return networks.isEmpty();
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof NetworkSet set && networks.equals(set.networks);
  }

  @Override
  public int hashCode() {
    return networks.hashCode();
  }

  @Override
  public String toString() {
    return networks.toString();
  }

  private record Network(byte[] base, int prefix) {
    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Network(var otherBase, var otherPrefix) && prefix == otherPrefix
          && Arrays.equals(base, otherBase);
    }

    @Override
    public int hashCode() {
      return 31 * Arrays.hashCode(base) + prefix;
    }

    static Network of(String text) {
      int slash = text.indexOf('/');
      byte[] base = address(text, slash < 0 ? text : text.substring(0, slash));
      int prefix = slash < 0 ? base.length * 8 : prefix(text, text.substring(slash + 1), base.length * 8);
      var network = new Network(base, prefix);
      Require.that(Arrays.equals(base, network.masked(base)), "bits beyond the prefix: " + text);
      return network;
    }

    boolean contains(byte[] octets) {
      return octets.length == base.length && Arrays.equals(base, masked(octets));
    }

    private byte[] masked(byte[] octets) {
      byte[] masked = octets.clone();
      for (int bit = prefix; bit < masked.length * 8; bit++) {
        masked[bit / 8] &= (byte) ~(0x80 >> (bit % 8));
      }
      return masked;
    }

    private static byte[] address(String whole, String text) {
      boolean bracketed = text.startsWith("[") && text.endsWith("]");
      try {
        return InetAddress.ofLiteral(bracketed ? text.substring(1, text.length() - 1) : text).getAddress();
      } catch (IllegalArgumentException _) {
        throw new IllegalArgumentException("not a network: " + whole);
      }
    }

    private static int prefix(String whole, String text, int longest) {
      Require.that(text.matches("[0-9]{1,3}") && Integer.parseInt(text) <= longest,
          "prefix length not 0 to " + longest + ": " + whole);
      return Integer.parseInt(text);
    }
  }
}
