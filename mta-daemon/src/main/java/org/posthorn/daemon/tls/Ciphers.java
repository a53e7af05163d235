package org.posthorn.daemon.tls;

import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.Set;
import javax.net.ssl.SSLContext;

/** The cipher suites that we use. */
public final class Ciphers {
  /**
   * Those with forward secrecy and authenticated encryption, as RFC 9325 §4.2 wants; the cheaper ones first, and the kinds
   * for EC certificates before those for RSA.
   */
  public static final List<String> USUAL = List.of("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384",
      "TLS_CHACHA20_POLY1305_SHA256", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
      "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
      "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
      "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");

  /** Elliptic curves alone: a client that asks for ffdhe8192 again and again would cost us a hundred times as much. */
  static final List<String> GROUPS = List.of("x25519", "secp256r1", "secp384r1", "secp521r1");

  private Ciphers() {}

  /** Whether this Java runtime has the cipher suite of this registered name. */
  public static boolean isKnown(String name) {
    try {
      return Set.of(SSLContext.getDefault().getSupportedSSLParameters().getCipherSuites()).contains(name);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("the Java runtime has no TLS", e);
    }
  }
}
