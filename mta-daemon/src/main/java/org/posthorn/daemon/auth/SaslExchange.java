package org.posthorn.daemon.auth;

/**
 * The server's side of one SASL exchange. Used by one thread at a time; a step may block for as long as hashing a password
 * takes. Never throws for what a client sends.
 */
public interface SaslExchange extends AutoCloseable {
  /** Begins without an initial response: the challenge to send, which is empty where the client speaks first. */
  SaslStep begin();

  /** Begins with the initial response of the client (RFC 4422 §3.3). */
  SaslStep begin(byte[] initialResponse);

  /** Goes on with an answer of the client. */
  SaslStep take(byte[] response);

  /** Drops what the exchange holds; it may be over or not. */
  @Override
  default void close() {
    // most hold nothing
  }
}
