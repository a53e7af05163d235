package org.posthorn.daemon.tls;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.HexFormat;

/** SHA-256 of certificates and keys, in lower-case hexadecimal digits. */
public final class Fingerprint {
  private Fingerprint() {}

  /** Returns that of the whole certificate, which changes whenever it is renewed. */
  public static String of(X509Certificate certificate) {
    try {
      return sha256(certificate.getEncoded());
    } catch (CertificateEncodingException e) {
      throw new IllegalStateException("a certificate that was decoded cannot be encoded", e);
    }
  }

  /** Returns that of its public key, which stays when it is renewed with the same key. */
  public static String ofKey(X509Certificate certificate) {
    return sha256(certificate.getPublicKey().getEncoded());
  }

  static String sha256(byte[] content) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java runtime has SHA-256", e);
    }
  }
}
