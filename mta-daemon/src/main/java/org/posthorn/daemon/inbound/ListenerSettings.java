package org.posthorn.daemon.inbound;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.posthorn.daemon.socket.SocketFile;

/**
 * Where one kind of clients is served.
 *
 * @param addresses to listen on; port 0 takes any free one
 * @param socket a Unix socket to listen on; at least this or one address; who may connect to it is trusted
 * @param terms what clients find there
 */
public record ListenerSettings(List<InetSocketAddress> addresses, Optional<SocketFile> socket, Terms terms) {
  /** What a listener takes mail for. */
  public enum Kind {
    /** From anybody for our domains, and from trusted networks for anyone. */
    MX(Tls.OFFERED),
    /** From people and programs that say who they are (RFC 6409); port 587. */
    SUBMISSION(Tls.REQUIRED),
    /** The same, encrypted from the first octet (RFC 8314 §3.3); port 465. */
    SUBMISSIONS(Tls.IMPLICIT),
    /** From another mail server or a program of this machine, by LMTP (RFC 2033); never on port 25. */
    LMTP(Tls.NONE),
    /** For servers that come for their mail, by ATRN (RFC 2645); port 366. They may have no TLS. */
    ODMR(Tls.OFFERED);

    private final Tls usual;

    Kind(Tls usual) {
      this.usual = usual;
    }

    /** Whether only who has said who it is may send (RFC 6409 §4.3). */
    public boolean requiresAuthentication() {
      return switch (this) {
        case MX, LMTP -> false;
        case SUBMISSION, SUBMISSIONS, ODMR -> true;
      };
    }

    /** Returns it as settings, log and metrics have it. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
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
   * @param proxies who says by the PROXY protocol for whom it connects; who does not is a client itself
   */
  public record Terms(Kind kind, Tls tls, NetworkSet proxies) {
    /** Nobody speaks the PROXY protocol. */
    public Terms(Kind kind, Tls tls) {
      this(kind, tls, NetworkSet.NONE);
    }

    /** Returns those of {@code kind} when nothing else is said. */
    public static Terms of(Kind kind) {
      return new Terms(kind, kind.usualTls());
    }

    /** Whether LMTP is spoken rather than SMTP. */
    public boolean isLmtp() {
      return kind == Kind.LMTP;
    }

    /** Whether STARTTLS can be used. */
    public boolean hasStartTls() {
      return tls == Tls.OFFERED || tls == Tls.REQUIRED;
    }
  }

  public ListenerSettings {
    addresses = List.copyOf(addresses);
    Require.that(!addresses.isEmpty() || socket.isPresent(), "a listener without an address");
  }

  /** Serves at addresses only. */
  public ListenerSettings(List<InetSocketAddress> addresses, Terms terms) {
    this(addresses, Optional.empty(), terms);
  }

  /** Serves {@code kind} as is usual for it. */
  public ListenerSettings(List<InetSocketAddress> addresses, Kind kind) {
    this(addresses, Terms.of(kind));
  }
}
