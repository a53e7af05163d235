package org.posthorn.delivery;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.file.Path;
import org.posthorn.queue.Destination;
import org.posthorn.smtp.AddressLiteral;
import org.posthorn.smtp.Domain;
import org.posthorn.smtp.MailHost;

/** Where mail goes. Each route has one text form, which is the name of its {@link Destination}, and is read back from it. */
public sealed interface Route {
  /** To a mailbox of ours: {@code local}. */
  record Local() implements Route {
    @Override
    public String toString() {
      return LOCAL;
    }
  }

  /** To the mail hosts of a domain, as its MX records say: {@code example.org}, and {@code mx:example.org} in settings. */
  record Mx(Domain domain) implements Route {
    @Override
    public String toString() {
      // A domain that is called "local" must not become a mailbox of ours.
      return domain.name().equals(LOCAL) ? MX + domain.name() : domain.name();
    }
  }

  /** To the address in an address literal, at the usual port: {@code [192.0.2.1]}. */
  record Direct(AddressLiteral literal) implements Route {
    @Override
    public String toString() {
      return literal.toString();
    }
  }

  /** To one host, without asking for its MX: {@code smtp://relay.example:25}, {@code smtp://[2001:db8::1]:25}. */
  record Smtp(MailHost host, int port) implements Route {
    public Smtp {
      requirePort(port);
    }

    @Override
    public String toString() {
      return SMTP + hostText(host) + ":" + port;
    }
  }

  /** To an LMTP server over TCP: {@code lmtp://127.0.0.1:24}. */
  record Lmtp(MailHost host, int port) implements Route {
    public Lmtp {
      requirePort(port);
    }

    @Override
    public String toString() {
      return LMTP_TCP + hostText(host) + ":" + port;
    }
  }

  /** To an LMTP server that listens on a Unix socket: {@code lmtp:/run/dovecot/lmtp}. */
  record LmtpSocket(Path path) implements Route {
    public LmtpSocket {
      if (!path.isAbsolute()) {
        throw new IllegalArgumentException("not an absolute path: " + path);
      }
    }

    @Override
    public String toString() {
      return LMTP_SOCKET + path;
    }
  }

  /** To the server of a domain once it comes for its mail (RFC 2645): {@code odmr:example.org}. */
  record OnDemand(Domain domain) implements Route {
    @Override
    public String toString() {
      return ODMR + domain.name();
    }
  }

  /** What {@link OnDemand} begins with. */
  String ODMR = "odmr:";
  /** The text form of {@link Local}. */
  String LOCAL = "local";
  /** What {@link Mx} begins with in settings. */
  String MX = "mx:";
  /** What {@link Smtp} begins with. */
  String SMTP = "smtp://";
  /** What {@link Lmtp} begins with. */
  String LMTP_TCP = "lmtp://";
  /** What {@link LmtpSocket} begins with. */
  String LMTP_SOCKET = "lmtp:";

  /** Returns the next hop that mail with this route waits for. */
  default Destination destination() {
    return new Destination(toString());
  }

  /** Returns the route that {@code destination} is the next hop of. */
  static Route of(Destination destination) {
    String name = destination.name();
    if (name.equals(LOCAL)) {
      return new Local();
    }
    if (name.startsWith("[")) {
      return new Direct(new AddressLiteral(InetAddress.ofLiteral(withoutBrackets(name))));
    }
    return name.indexOf(':') < 0 ? new Mx(Domain.of(name)) : of(name);
  }

  /**
   * Reads the {@code via} of a route in the settings; throws IllegalArgumentException, which names the forms, for anything
   * else.
   */
  static Route of(String via) {
    if (via.startsWith(SMTP)) {
      String authority = via.substring(SMTP.length());
      return new Smtp(hostOf(authority), portOf(authority));
    }
    if (via.startsWith(LMTP_TCP)) {
      String authority = via.substring(LMTP_TCP.length());
      return new Lmtp(hostOf(authority), portOf(authority));
    }
    if (via.startsWith(LMTP_SOCKET)) {
      return new LmtpSocket(Path.of(via.substring(LMTP_SOCKET.length())));
    }
    if (via.startsWith(ODMR)) {
      return new OnDemand(Domain.of(via.substring(ODMR.length())));
    }
    if (via.startsWith(MX)) {
      return new Mx(Domain.of(via.substring(MX.length())));
    }
    throw new IllegalArgumentException(
        "not smtp://host:port, mx:host, lmtp://host:port or lmtp:/path/of/socket: " + via);
  }

  private static MailHost hostOf(String authority) {
    int colon = authority.lastIndexOf(':');
    String host = colon < 0 ? "" : authority.substring(0, colon);
    if (host.startsWith("[") && host.endsWith("]")) {
      return new AddressLiteral(InetAddress.ofLiteral(host.substring(1, host.length() - 1)));
    }
    return host.matches("\\d+(\\.\\d+){3}") ? new AddressLiteral(InetAddress.ofLiteral(host)) : Domain.of(host);
  }

  private static int portOf(String authority) {
    String port = authority.substring(authority.lastIndexOf(':') + 1);
    if (!port.matches("\\d{1,5}")) {
      throw new IllegalArgumentException("no port in " + authority);
    }
    return Integer.parseInt(port);
  }

  private static String withoutBrackets(String literal) {
    String inner = literal.substring(1, literal.length() - 1);
    return inner.startsWith("IPv6:") ? inner.substring("IPv6:".length()) : inner;
  }

  private static String hostText(MailHost host) {
    return switch (host) {
      case Domain domain -> domain.name();
      case AddressLiteral(Inet6Address address) -> "[" + address.getHostAddress() + "]";
      case AddressLiteral(InetAddress address) -> address.getHostAddress();
    };
  }

  private static void requirePort(int port) {
    if (port < 1 || port > 65535) {
      throw new IllegalArgumentException("not a port: " + port);
    }
  }
}
