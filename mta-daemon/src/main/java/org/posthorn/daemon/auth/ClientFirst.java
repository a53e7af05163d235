package org.posthorn.daemon.auth;

/** A mechanism in which the client speaks first: without initial response it gets an empty challenge (RFC 4422 §5.1). */
abstract class ClientFirst implements SaslExchange {
  static final byte[] NOTHING = new byte[0];

  @Override
  public final SaslStep begin() {
    return new SaslStep.Challenge(NOTHING);
  }

  @Override
  public final SaslStep begin(byte[] initialResponse) {
    return take(initialResponse);
  }
}
