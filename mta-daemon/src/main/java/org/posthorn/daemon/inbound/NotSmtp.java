package org.posthorn.daemon.inbound;

import java.util.Set;

/** Recognises clients that speak something else, so that nothing they send can be taken for commands (RFC 9112 §3). */
public final class NotSmtp {
  private static final Set<String> METHODS = Set.of("GET", "POST", "PUT", "HEAD", "DELETE", "OPTIONS", "CONNECT",
      "TRACE", "PATCH", "PRI");
  private static final int TLS_HANDSHAKE = 0x16;

  private NotSmtp() {}

  /** Whether {@code line} is the first line of an HTTP request. */
  public static boolean isHttp(String line) {
    int space = line.indexOf(' ');
    return space > 0 && METHODS.contains(line.substring(0, space));
  }

  /** Whether a client that begins with {@code octet} begins a TLS handshake (RFC 8446 §5.1). */
  public static boolean isTls(byte octet) {
    return octet == TLS_HANDSHAKE;
  }
}
