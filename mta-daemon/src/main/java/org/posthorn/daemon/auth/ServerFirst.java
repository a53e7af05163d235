package org.posthorn.daemon.auth;

/** A mechanism in which the server speaks first: an initial response is refused (RFC 4954 §4). */
abstract class ServerFirst implements SaslExchange {
  @Override
  public final SaslStep begin(byte[] initialResponse) {
    return new SaslStep.Failure(SaslStep.Why.SPOKE_FIRST, "");
  }
}
