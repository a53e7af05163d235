package org.posthorn.smtp;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Optional;

/**
 * An address literal, {@code [192.0.2.1]} or {@code [IPv6:2001:db8::1]} (RFC 5321 §4.1.3). An IPv4 address mapped into
 * IPv6 is the IPv4 address. General literals with other tags are not read: none is registered, so none leads anywhere.
 */
public record AddressLiteral(InetAddress address) implements MailHost {
  /** Reads a literal with its brackets; empty when it is none. Looks nothing up. */
  public static Optional<AddressLiteral> parse(String text) {
    if (!text.startsWith("[") || !text.endsWith("]")) {
      return Optional.empty();
    }
    var cursor = new Cursor(text.substring(1, text.length() - 1));
    Optional<InetAddress> address = cursor.takeKeyword("IPV6:")
        ? IpText.parseIpv6(cursor.rest())
        : IpText.parseIpv4(cursor.rest());
    return address.map(AddressLiteral::new);
  }

  @Override
  public String toString() {
    return "[" + (address instanceof Inet6Address ? "IPv6:" : "") + IpText.of(address) + "]";
  }
}
