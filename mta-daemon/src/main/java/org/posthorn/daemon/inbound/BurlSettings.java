package org.posthorn.daemon.inbound;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The IMAP servers that messages may be fetched from by BURL (RFC 4468).
 *
 * @param servers those that we have credentials for; none: BURL is not offered, which is the default
 */
public record BurlSettings(List<Server> servers) {
  /** The defaults. */
  public static final BurlSettings DEFAULT = new BurlSettings(List.of());

  /**
   * An IMAP server.
   *
   * @param authority what URLs call it: a host, perhaps with a port; in lower case
   * @param place where it is
   * @param tls how the connection is encrypted
   * @param user who we are there
   * @param password how we show it
   */
  public record Server(String authority, InetSocketAddress place, Tls tls, String user, String password) {
    public Server {
      authority = authority.toLowerCase(Locale.ROOT);
    }

    /** Leaves the password out. */
    @Override
    public String toString() {
      return user + " at " + authority;
    }
  }

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
    return servers.stream().filter(server -> server.authority().equals(authority.toLowerCase(Locale.ROOT))).findFirst();
  }
}
