package org.posthorn.daemon.auth;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/** The SHA-512 form of crypt(3), {@code $6$}, as /etc/shadow has it (U. Drepper, "Unix crypt using SHA-256 and SHA-512"). */
final class Sha512Crypt {
  private static final String ALPHABET = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  private static final int LENGTH = 64;

  private Sha512Crypt() {}

  /** Returns the 86 characters behind the salt. */
  static String hash(String password, String saltText, int rounds) {
    byte[] key = password.getBytes(StandardCharsets.UTF_8);
    byte[] salt = saltText.getBytes(StandardCharsets.US_ASCII);
    byte[] digest = first(key, salt);
    byte[] keySequence = sequence(repeated(key, key.length), key.length);
    byte[] saltSequence = sequence(repeated(salt, 16 + (digest[0] & 0xff)), salt.length);
    for (int round = 0; round < rounds; round++) {
      var next = sha512();
      next.update((round & 1) != 0 ? keySequence : digest);
      if (round % 3 != 0) {
        next.update(saltSequence);
      }
      if (round % 7 != 0) {
        next.update(keySequence);
      }
      next.update((round & 1) != 0 ? digest : keySequence);
      digest = next.digest();
    }
    return encode(digest);
  }

  private static byte[] first(byte[] key, byte[] salt) {
    var alternate = sha512();
    alternate.update(key);
    alternate.update(salt);
    alternate.update(key);
    byte[] b = alternate.digest();
    var a = sha512();
    a.update(key);
    a.update(salt);
    a.update(sequence(b, key.length));
    for (int bits = key.length; bits > 0; bits >>= 1) {
      a.update((bits & 1) != 0 ? b : key);
    }
    return a.digest();
  }

  private static byte[] repeated(byte[] text, int times) {
    var digest = sha512();
    for (int i = 0; i < times; i++) {
      digest.update(text);
    }
    return digest.digest();
  }

  /** Returns {@code length} octets of {@code block} over and over. */
  private static byte[] sequence(byte[] block, int length) {
    byte[] sequence = new byte[length];
    for (int at = 0; at < length; at += LENGTH) {
      System.arraycopy(block, 0, sequence, at, Math.min(LENGTH, length - at));
    }
    return sequence;
  }

  private static String encode(byte[] digest) {
    var text = new StringBuilder(86);
    int a = 0;
    int b = 21;
    int c = 42;
    for (int i = 0; i < 21; i++) {
      append(text, digest[a], digest[b], digest[c], 4);
      int first = a;
      a = b + 1;
      b = c + 1;
      c = first + 1;
    }
    append(text, (byte) 0, (byte) 0, digest[63], 2);
    return text.toString();
  }

  private static void append(StringBuilder text, byte high, byte middle, byte low, int characters) {
    int bits = (high & 0xff) << 16 | (middle & 0xff) << 8 | (low & 0xff);
    for (int i = 0; i < characters; i++) {
      text.append(ALPHABET.charAt(bits & 0x3f));
      bits >>= 6;
    }
  }

  private static MessageDigest sha512() {
    try {
      return MessageDigest.getInstance("SHA-512");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-512", e);
    }
  }

  /** Whether two hashes are the same, in a time that does not tell where they differ. */
  static boolean isEqual(String one, String other) {
    return MessageDigest.isEqual(one.getBytes(StandardCharsets.UTF_8), other.getBytes(StandardCharsets.UTF_8));
  }

  /** Returns as many characters of the alphabet as {@code random} has octets. */
  static String salt(byte[] random) {
    var salt = new StringBuilder(random.length);
    for (byte octet : Arrays.copyOf(random, random.length)) {
      salt.append(ALPHABET.charAt(octet & 0x3f));
    }
    return salt.toString();
  }
}
