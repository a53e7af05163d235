package org.posthorn.daemon.auth;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.spec.KeySpec;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;

/** The hash function of a SCRAM mechanism, and what RFC 5802 §3 makes of it. */
public enum ScramHash {
  /** RFC 5802. */
  SHA_1("SCRAM-SHA-1", "SHA-1", "SHA1", 20),
  /** RFC 7677. */
  SHA_256("SCRAM-SHA-256", "SHA-256", "SHA256", 32);

  private final String mechanism;
  private final String digest;
  private final String hmac;
  private final int octets;

  ScramHash(String mechanism, String digest, String hmac, int octets) {
    this.mechanism = mechanism;
    this.digest = digest;
    this.hmac = "Hmac" + hmac;
    this.octets = octets;
  }

  /** Returns the SASL name of the mechanism without channel binding. */
  public String mechanism() {
    return mechanism;
  }

  /** Returns how long its hashes are. */
  int octets() {
    return octets;
  }

  /** {@code H(text)}. */
  byte[] hash(byte[] text) {
    try {
      return MessageDigest.getInstance(digest).digest(text);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has " + digest, e);
    }
  }

  /** {@code HMAC(key, text)}. */
  byte[] hmac(byte[] key, byte[] text) {
    try {
      var mac = Mac.getInstance(hmac);
      mac.init(new SecretKeySpec(key, hmac));
      return mac.doFinal(text);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has " + hmac, e);
    }
  }

  byte[] hmac(byte[] key, String text) {
    return hmac(key, text.getBytes(StandardCharsets.UTF_8));
  }

  /** {@code SaltedPassword := Hi(password, salt, iterations)}; takes the time that it is meant to take. */
  byte[] salted(String password, byte[] salt, int iterations) {
    try {
      KeySpec spec = new PBEKeySpec(password.toCharArray(), salt, iterations, octets * 8);
      return SecretKeyFactory.getInstance("PBKDF2With" + hmac).generateSecret(spec).getEncoded();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has PBKDF2", e);
    }
  }
}
