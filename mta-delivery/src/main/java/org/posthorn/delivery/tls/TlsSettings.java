package org.posthorn.delivery.tls;

/**
 * What the operator chose for TLS to other servers.
 *
 * @param level how much of it servers must have where no route says it; default opportunistic
 * @param authorities whose word is trusted for their certificates
 * @param trustsMailHosts whether mail with REQUIRETLS may go to a mail host that nothing but the DNS names; default false
 */
public record TlsSettings(TlsLevel level, Authorities authorities, boolean trustsMailHosts) {
  /** Believes the DNS no more than the RFCs do. */
  public TlsSettings(TlsLevel level, Authorities authorities) {
    this(level, authorities, false);
  }
}
