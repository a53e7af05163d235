package org.posthorn.daemon.inbound;

import java.util.Set;
import org.posthorn.smtp.Domain;

/**
 * Who may send where, apart from the local domains, which anyone may send to.
 *
 * @param trusted clients there may send to anyone; default loopback
 * @param certificates clients that show one of these may send to anyone, too; default none
 * @param domains whose mail anyone may send here, and which is passed on to their own servers; default none
 */
public record RelaySettings(NetworkSet trusted, TrustedCertificates certificates, Set<Domain> domains) {
  /** The defaults. */
  public static final RelaySettings DEFAULT = new RelaySettings(NetworkSet.LOOPBACK, TrustedCertificates.NONE,
      Set.of());

  public RelaySettings {
    domains = Set.copyOf(domains);
  }

  /** Trusts by network alone. */
  public RelaySettings(NetworkSet trusted, Set<Domain> domains) {
    this(trusted, TrustedCertificates.NONE, domains);
  }
}
