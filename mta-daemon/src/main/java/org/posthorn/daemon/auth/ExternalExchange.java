package org.posthorn.daemon.auth;

import java.util.Optional;

/** EXTERNAL (RFC 4422 appendix A): the client has proved who it is with a certificate when TLS was set up. */
final class ExternalExchange extends ClientFirst {
  private final Logins logins;
  private final Optional<String> certificate;

  /** @param certificate the fingerprint of the client's certificate */
  ExternalExchange(Logins logins, Optional<String> certificate) {
    this.logins = logins;
    this.certificate = certificate;
  }

  @Override
  public SaslStep take(byte[] response) {
    var authzid = Prepared.text(response);
    if (authzid.isEmpty()) {
      return SaslStep.malformed();
    }
    return certificate.flatMap(logins::holderOf)
        .map(login -> logins.accept(Mechanism.EXTERNAL, login, authzid.get()))
        .orElseGet(() -> logins.refuse(""));
  }
}
