package org.posthorn.daemon.inbound;

import java.net.InetSocketAddress;
import java.util.List;

/**
 * Where one kind of clients is served.
 *
 * @param addresses to listen on, at least one; port 0 takes any free one
 * @param terms what clients find there
 */
public record ListenerSettings(List<InetSocketAddress> addresses, Terms terms) {
  /** What a listener takes mail for. */
  public enum Kind {
    /** From anybody for our domains, and from trusted networks for anyone. */
    MX(Tls.OFFERED),
    /** From people and programs that say who they are (RFC 6409); port 587. */
    SUBMISSION(Tls.REQUIRED),
    /** The same, encrypted from the first octet (RFC 8314 §3.3); port 465. */
    SUBMISSIONS(Tls.IMPLICIT);

    private final Tls usual;

    Kind(Tls usual) {
      this.usual = usual;
    }

    /** Whether only who has said who it is may send (RFC 6409 §4.3). */
    public boolean requiresAuthentication() {
      return this != MX;
    }

    /** Returns how such a listener is encrypted unless something else is said. */
    public Tls usualTls() {
      return usual;
    }
  }

  /** How the connections of a listener are encrypted. */
  public enum Tls {
    /** Not at all. */
    NONE,
    /** After STARTTLS, if the client likes; a publicly referenced server must not ask for more (RFC 3207 §4). */
    OFFERED,
    /** After STARTTLS; before it nothing of worth is done. */
    REQUIRED,
    /** From the first octet (RFC 8314 §3.3). */
    IMPLICIT
  }

  /**
   * What a client finds at a listener.
   *
   * @param kind whom it is for
   * @param tls how it is encrypted
   */
  public record Terms(Kind kind, Tls tls) {
    /** Returns those of {@code kind} when nothing else is said. */
    public static Terms of(Kind kind) {
      return new Terms(kind, kind.usualTls());
    }

    /** Whether STARTTLS can be used. */
    public boolean hasStartTls() {
      return tls == Tls.OFFERED || tls == Tls.REQUIRED;
    }
  }

  public ListenerSettings {
    addresses = List.copyOf(addresses);
    Require.that(!addresses.isEmpty(), "a listener without an address");
  }

  /** Serves {@code kind} as is usual for it. */
  public ListenerSettings(List<InetSocketAddress> addresses, Kind kind) {
    this(addresses, Terms.of(kind));
  }
}
