package org.posthorn.daemon.inbound;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.posthorn.delivery.tls.ClientTls;
import org.posthorn.smtp.AddressLiteral;
import org.posthorn.smtp.Domain;
import org.posthorn.smtp.MailHost;

/**
 * The IMAP servers that messages may be fetched from by BURL (RFC 4468).
 *
 * @param servers those that we have credentials for; none: BURL is not offered, which is the default
 */
public record BurlSettings(List<Server> servers) {
  /** The defaults. */
  public static final BurlSettings DEFAULT = new BurlSettings(List.of());

  private static final Pattern AUTHORITY = Pattern
      .compile("(?:\\[([0-9A-Fa-f:.]+)]|([A-Za-z0-9.-]+))(?::[0-9]{1,5})?");
  private static final String STANDARD_PORT = ":143"; // RFC 5092 §3

  /**
   * An IMAP server.
   *
   * @param authority what URLs call it: a host, perhaps with a port; its certificate must be for that host
   * @param place where it is
   * @param tls how the connection is encrypted
   * @param user who we are there
   * @param password how we show it
   * @param trust says whether a certificate is genuine
   */
  public record Server(String authority, Place place, Tls tls, String user, String password, ClientTls trust) {
    public Server {
      authority = normal(authority);
    }

    /** Leaves the password out. */
    @Override
    public String toString() {
      return user + " at " + authority;
    }
  }

  /** A host, by its name or address, and a port there. The name is looked up whenever it is needed. */
  public record Place(String host, int port) {}

  /** How a connection to an IMAP server is encrypted. */
  public enum Tls {
    /** Not at all: it never leaves this machine. */
    NONE,
    /** By STARTTLS, which the server must have (RFC 4468 §3.3). */
    STARTTLS,
    /** From the first octet. */
    IMPLICIT
  }

  public BurlSettings {
    servers = List.copyOf(servers);
  }

  /** Returns the server that URLs call {@code authority}. */
  Optional<Server> find(String authority) {
    var asked = normal(authority);
    return servers.stream().filter(server -> server.authority().equals(asked)).findFirst();
  }

  /** Returns the host that {@code authority} names; empty when it is none. */
  public static Optional<MailHost> hostOf(String authority) {
    var parts = AUTHORITY.matcher(authority);
    if (!parts.matches()) {
      return Optional.empty();
    }
    var ipv6 = Optional.ofNullable(parts.group(1));
    if (ipv6.isPresent()) {
      return AddressLiteral.parse("[IPv6:" + ipv6.get() + "]").map(literal -> literal);
    }
    var name = parts.group(2);
    return AddressLiteral.parse("[" + name + "]").<MailHost>map(literal -> literal).or(() -> Domain.parse(name));
  }

  /** Hosts are the same in either case, and a port that is usual need not be said (RFC 3986 §6.2.2, §6.2.3). */
  private static String normal(String authority) {
    var lower = authority.toLowerCase(Locale.ROOT);
    return lower.endsWith(STANDARD_PORT) ? lower.substring(0, lower.length() - STANDARD_PORT.length()) : lower;
  }
}
