package org.posthorn.daemon.socket;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.posthorn.smtp.AddressLiteral;

/** Addresses with their ports as settings, log and commands have them. */
public final class AddressText {
  private AddressText() {}

  /** Returns {@code 192.0.2.1:25} or {@code [2001:db8::1]:25}, in the one form of RFC 5952. */
  public static String of(InetSocketAddress address) {
    String literal = new AddressLiteral(address.getAddress()).toString();
    boolean isIpv6 = literal.startsWith("[IPv6:");
    return (isIpv6 ? literal.replace("IPv6:", "") : literal.substring(1, literal.length() - 1)) + ":"
        + address.getPort();
  }

  /** Returns the same of an address of TCP, and the path of a Unix socket. */
  public static String of(SocketAddress address) {
    return address instanceof InetSocketAddress inet ? of(inet) : address.toString();
  }
}
