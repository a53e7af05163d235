package org.posthorn.daemon.auth;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** A SASL mechanism, the ones that are to be preferred first. */
public enum Mechanism {
  /** RFC 5802, RFC 7677, with channel binding. */
  SCRAM_SHA_256_PLUS,
  /** RFC 5802, with channel binding. */
  SCRAM_SHA_1_PLUS,
  /** RFC 7677. */
  SCRAM_SHA_256,
  /** RFC 5802. */
  SCRAM_SHA_1,
  /** RFC 4422 appendix A: the client's certificate. */
  EXTERNAL,
  /** RFC 7628. */
  OAUTHBEARER,
  /** Google's predecessor of OAUTHBEARER. */
  XOAUTH2,
  /** RFC 4616. */
  PLAIN,
  /** draft-murchison-sasl-login. */
  LOGIN,
  /** RFC 2831, historic by RFC 6331. */
  DIGEST_MD5,
  /** RFC 2195. */
  CRAM_MD5;

  /** Returns the name that clients use. */
  public String saslName() {
    return name().replace('_', '-');
  }

  /** Finds a mechanism by the name that clients use, in either case. */
  public static Optional<Mechanism> named(String name) {
    String wanted = name.toUpperCase(Locale.ROOT);
    return Arrays.stream(values()).filter(mechanism -> mechanism.saslName().equals(wanted)).findFirst();
  }

  /** Whether the proof holds for one TLS connection only, so that nobody can be in between: by channel binding or certificate. */
  public boolean isBoundToTls() {
    return switch (this) {
      case SCRAM_SHA_256_PLUS, SCRAM_SHA_1_PLUS, EXTERNAL -> true;
      case PLAIN, LOGIN, OAUTHBEARER, XOAUTH2, SCRAM_SHA_256, SCRAM_SHA_1, DIGEST_MD5, CRAM_MD5 -> false;
    };
  }

  /** Whether who listens learns what is needed to log in. */
  public boolean isPlaintext() {
    return switch (this) {
      case PLAIN, LOGIN, OAUTHBEARER, XOAUTH2 -> true;
      case SCRAM_SHA_256_PLUS, SCRAM_SHA_1_PLUS, SCRAM_SHA_256, SCRAM_SHA_1, EXTERNAL, DIGEST_MD5, CRAM_MD5 -> false;
    };
  }
}
