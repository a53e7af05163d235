package org.posthorn.queue;

import java.util.Optional;

/**
 * How the connection with a server was encrypted.
 *
 * @param version such as {@code TLSv1.3}
 * @param cipher its registered name
 * @param doubt why the server may be another than was meant, in words; empty when its certificate proves who it is
 */
public record RemoteTls(String version, String cipher, Optional<String> doubt) {
  /** Whether the certificate proves who the server is. */
  public boolean isVerified() {
    return doubt.isEmpty();
  }
}
