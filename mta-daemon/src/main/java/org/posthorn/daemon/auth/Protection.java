package org.posthorn.daemon.auth;

import java.util.Map;
import java.util.Optional;

/**
 * What the connection below an exchange offers.
 *
 * @param encrypted whether TLS is in force
 * @param channelBindings what both ends know of the TLS connection and nobody else, by the name of the binding:
 *     {@code tls-exporter} (RFC 9266), {@code tls-server-end-point} (RFC 5929 §4)
 * @param certificate the SHA-256 fingerprint of the certificate that the client proved to have, in lower-case hexadecimal
 */
public record Protection(boolean encrypted, Map<String, byte[]> channelBindings, Optional<String> certificate) {
  /** A connection in the clear. */
  public static final Protection NONE = new Protection(false, Map.of(), Optional.empty());

  /** An encrypted connection of somebody else, who speaks for the client. */
  public static final Protection OF_ANOTHER = new Protection(true, Map.of(), Optional.empty());

  public Protection {
    channelBindings = Map.copyOf(channelBindings);
  }
}
