package org.posthorn.daemon.auth.token;

import java.math.BigInteger;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.security.spec.RSAPublicKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The public keys of a JSON Web Key Set (RFC 7517 §5, RFC 7518 §6, RFC 8037 §2). Immutable. */
final class KeySet {
  private static final int MIN_RSA_BITS = 2048; // RFC 7518 §3.3
  private static final byte[] ED25519_PREFIX = HexFormat.of().parseHex("302a300506032b6570032100"); // RFC 8410 §4

  /** One key: its id, which may be empty, its kind, and itself. */
  record Entry(String id, String kind, PublicKey key) {}

  private final List<Entry> entries;

  private KeySet(List<Entry> entries) {
    this.entries = List.copyOf(entries);
  }

  /** Reads a set; keys that cannot be used are left out. Throws IllegalArgumentException when it is none. */
  static KeySet parse(String json) {
    try {
      var keys = JsonMapper.shared().readTree(json).path("keys");
      var entries = new ArrayList<Entry>();
      for (var key : keys) {
        read(key, entries);
      }
      return new KeySet(entries);
    } catch (JacksonException e) {
      throw new IllegalArgumentException("not a JSON Web Key Set: " + e.getOriginalMessage(), e);
    }
  }

  /** Returns the keys of a kind that a token may be signed with: those with its key id, where it names one. */
  List<PublicKey> find(String kind, String id) {
    return entries.stream()
        .filter(entry -> entry.kind().equals(kind) && (id.isEmpty() || entry.id().isEmpty() || entry.id().equals(id)))
        .map(Entry::key)
        .toList();
  }

  private static void read(JsonNode key, List<Entry> entries) {
    if (key.path("use").asString("sig").equals("sig")) {
      try {
        String kind = key.path("kty").asString("");
        switch (kind) {
          case "RSA" -> entries.add(new Entry(id(key), kind, rsa(key)));
          case "EC" -> entries.add(new Entry(id(key), kind, ec(key)));
          case "OKP" -> entries.add(new Entry(id(key), kind, ed25519(key)));
          default -> {
            // not for signatures that we check
          }
        }
      } catch (GeneralSecurityException | IllegalArgumentException _) {
        // one odd key does not make the others worthless
      }
    }
  }

  private static String id(JsonNode key) {
    return key.path("kid").asString("");
  }

  private static PublicKey rsa(JsonNode key) throws GeneralSecurityException {
    var modulus = number(key, "n");
    if (modulus.bitLength() < MIN_RSA_BITS) {
      throw new IllegalArgumentException("too short");
    }
    return KeyFactory.getInstance("RSA").generatePublic(new RSAPublicKeySpec(modulus, number(key, "e")));
  }

  private static PublicKey ec(JsonNode key) throws GeneralSecurityException {
    String curve = switch (key.path("crv").asString("")) {
      case "P-256" -> "secp256r1";
      case "P-384" -> "secp384r1";
      case "P-521" -> "secp521r1";
      default -> throw new IllegalArgumentException("unknown curve");
    };
    var parameters = AlgorithmParameters.getInstance("EC");
    parameters.init(new ECGenParameterSpec(curve));
    var point = new ECPoint(number(key, "x"), number(key, "y"));
    return KeyFactory.getInstance("EC")
        .generatePublic(new ECPublicKeySpec(point, parameters.getParameterSpec(ECParameterSpec.class)));
  }

  private static PublicKey ed25519(JsonNode key) throws GeneralSecurityException {
    byte[] point = octets(key, "x");
    if (!key.path("crv").asString("").equals("Ed25519") || point.length != 32) {
      throw new IllegalArgumentException("unknown curve");
    }
    byte[] encoded = new byte[ED25519_PREFIX.length + point.length];
    System.arraycopy(ED25519_PREFIX, 0, encoded, 0, ED25519_PREFIX.length);
    System.arraycopy(point, 0, encoded, ED25519_PREFIX.length, point.length);
    return KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(encoded));
  }

  private static BigInteger number(JsonNode key, String name) {
    return new BigInteger(1, octets(key, name));
  }

  private static byte[] octets(JsonNode key, String name) {
    return Base64.getUrlDecoder().decode(key.path(name).asString(""));
  }
}
