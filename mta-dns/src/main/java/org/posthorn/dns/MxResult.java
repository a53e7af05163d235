package org.posthorn.dns;

import java.util.List;
import org.posthorn.smtp.Domain;

/** Who takes mail for a domain. */
public sealed interface MxResult {
  /** Hosts to try in this order: by preference, equal ones shuffled at each look-up (RFC 5321 §5.1). At least one. */
  record Hosts(List<MxHost> hosts) implements MxResult {
    public Hosts {
      hosts = List.copyOf(hosts);
      if (hosts.isEmpty()) {
        throw new IllegalArgumentException("no mail hosts");
      }
    }
  }

  /** The domain says that it accepts no mail (RFC 7505 §3). */
  record NullMx() implements MxResult {}

  /** The domain does not exist (NXDOMAIN). */
  record NoSuchDomain() implements MxResult {}

  /** The domain exists but has neither an MX record nor an address, or its MX records name no host. */
  record NoMailHost() implements MxResult {}

  /** The DNS did not answer, or answered SERVFAIL or nonsense: try again later. */
  record Unavailable(String reason) implements MxResult {}

  /**
   * One mail host.
   *
   * @param preference lower is tried first; 0 for the implicit MX
   */
  record MxHost(int preference, Domain name) {}
}
