package org.posthorn.daemon.inbound;

import java.net.InetAddress;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.posthorn.smtp.Domain;

/**
 * Who may send where, apart from the local domains, which anyone may send to.
 *
 * @param trusted clients there may send to anyone; default loopback
 * @param certificates clients that show one of these may send to anyone, too; default none
 * @param clients more of the trusted, within bounds; the first whose network fits counts; default none
 * @param frontEnds servers in front of us that speak for their clients; default none
 * @param domains whose mail anyone may send here, and which is passed on to their own servers; default none
 */
public record RelaySettings(NetworkSet trusted, TrustedCertificates certificates, List<TrustedClient> clients,
    FrontEnds frontEnds, Set<Domain> domains) {
  /** The defaults. */
  public static final RelaySettings DEFAULT = new RelaySettings(NetworkSet.LOOPBACK, TrustedCertificates.NONE,
      List.of(), FrontEnds.NONE, Set.of());

  public RelaySettings {
    clients = List.copyOf(clients);
    domains = Set.copyOf(domains);
  }

  /** Trusts by network alone. */
  public RelaySettings(NetworkSet trusted, List<TrustedClient> clients, Set<Domain> domains) {
    this(trusted, TrustedCertificates.NONE, clients, FrontEnds.NONE, domains);
  }

  /** Returns the same, taking mail for {@code more} domains. */
  RelaySettings alsoFor(Set<Domain> more) {
    var all = new HashSet<>(domains);
    all.addAll(more);
    return new RelaySettings(trusted, certificates, clients, frontEnds, all);
  }

  /** Whether a client at {@code address} may send to anyone. */
  boolean isTrusted(InetAddress address) {
    return trusted.contains(address) || client(address).isPresent();
  }

  /** Returns the bounds of a client at {@code address}, if it has any. */
  Optional<TrustedClient> client(InetAddress address) {
    return clients.stream().filter(client -> client.isAt(address)).findFirst();
  }
}
