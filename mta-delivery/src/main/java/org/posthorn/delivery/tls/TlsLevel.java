package org.posthorn.delivery.tls;

/** How much TLS the way to a server must have, the least first. */
public enum TlsLevel {
  /** None, even when it is offered. */
  OFF,
  /** What the server offers, whatever its certificate; else mail goes in clear text (RFC 7435). */
  OPPORTUNISTIC,
  /** Some, whatever the certificate. */
  ENCRYPT,
  /** Some, with a certificate that leads to a trusted authority and is for the name of the server. */
  VERIFY;

  /** Whether nothing goes in clear text. */
  public boolean isDemanded() {
    return this == ENCRYPT || this == VERIFY;
  }

  /** Returns the one that asks for more. */
  public TlsLevel or(TlsLevel other) {
    return compareTo(other) < 0 ? other : this;
  }
}
