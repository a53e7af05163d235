package org.posthorn.smtp;

import java.net.Inet6Address;
import java.net.InetAddress;

/** An address literal, {@code [192.0.2.1]} or {@code [IPv6:2001:db8::1]} (RFC 5321 §4.1.3). */
public record AddressLiteral(InetAddress address) implements MailHost {
  @Override
  public String toString() {
    return "[" + (address instanceof Inet6Address ? "IPv6:" : "") + address.getHostAddress() + "]";
  }
}
