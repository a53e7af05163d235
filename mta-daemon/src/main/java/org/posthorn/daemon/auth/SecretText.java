package org.posthorn.daemon.auth;

import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Secrets as text: what other programs write is read, too. The bounds keep one login from taking all memory. */
final class SecretText {
  private static final String BASE64 = "[A-Za-z0-9+/]{2,200}={0,2}";
  private static final Pattern ARGON2ID = Pattern.compile(
      "\\$argon2id\\$v=19\\$m=([0-9]{1,7}),t=([0-9]{1,3}),p=([0-9]{1,2})\\$(" + BASE64 + ")\\$(" + BASE64 + ")");
  private static final Pattern BCRYPT = Pattern.compile("\\$2[aby]\\$(0[4-9]|1[0-6])\\$[./A-Za-z0-9]{53}");
  private static final Pattern CRYPT = Pattern.compile(
      "\\$6\\$(?:rounds=([0-9]{4,7})\\$)?([^$:]{0,16})\\$([./A-Za-z0-9]{86})");
  /** RFC 5803 §3, as PostgreSQL writes it. */
  private static final Pattern SCRAM = Pattern.compile(
      "SCRAM-SHA-(1|256)\\$([0-9]{4,7}):(" + BASE64 + ")\\$(" + BASE64 + "):(" + BASE64 + ")");
  /** As Dovecot writes it. */
  private static final Pattern DOVECOT_SCRAM = Pattern.compile(
      "\\{SCRAM-SHA-(1|256)}([0-9]{4,7}),(" + BASE64 + "),(" + BASE64 + "),(" + BASE64 + ")");
  private static final Pattern PREFIX = Pattern.compile("\\{(?:ARGON2ID|BLF-CRYPT|SHA512-CRYPT|CRYPT)}(.*)");
  private static final Pattern CLEAR = Pattern.compile("\\{(?:PLAIN|CLEAR|CLEARTEXT)}(.{1,1000})");
  private static final int MAX_KIBIBYTES = 1 << 20;

  private SecretText() {}

  static Secret parse(String text) {
    Matcher prefixed = PREFIX.matcher(text);
    String secret = prefixed.matches() ? prefixed.group(1) : text;
    Matcher match = ARGON2ID.matcher(secret);
    if (match.matches()) {
      return argon2id(match);
    }
    match = CRYPT.matcher(secret);
    if (match.matches()) {
      int rounds = match.group(1) == null ? 5000 : Integer.parseInt(match.group(1));
      return new Secret.Crypt(secret, Math.max(1000, rounds), match.group(2), match.group(3));
    }
    match = SCRAM.matcher(secret);
    if (match.matches()) {
      return scram(match);
    }
    match = DOVECOT_SCRAM.matcher(secret);
    if (match.matches()) {
      return scram(match);
    }
    match = CLEAR.matcher(secret);
    if (match.matches()) {
      return new Secret.Clear(match.group(1));
    }
    require(BCRYPT.matcher(secret).matches(), "it is none of argon2id, bcrypt, SHA-512-crypt, SCRAM and {PLAIN}");
    return new Secret.Bcrypt(secret);
  }

  static String of(Secret secret) {
    return switch (secret) {
      case Secret.Argon2id a -> "$argon2id$v=19$m=" + a.kibibytes() + ",t=" + a.passes() + ",p=" + a.lanes() + "$"
          + Secret.unpadded(a.salt()) + "$" + Secret.unpadded(a.hash());
      case Secret.Bcrypt(var text) -> text;
      case Secret.Crypt crypt -> crypt.text();
      case Secret.Scram s -> s.hash().mechanism() + "$" + s.iterations() + ":" + base64(s.salt()) + "$"
          + base64(s.storedKey()) + ":" + base64(s.serverKey());
      case Secret.Clear(var password) -> "{PLAIN}" + password;
    };
  }

  private static Secret argon2id(Matcher match) {
    int kibibytes = Integer.parseInt(match.group(1));
    int passes = Integer.parseInt(match.group(2));
    int lanes = Integer.parseInt(match.group(3));
    require(kibibytes >= 8 * lanes && kibibytes <= MAX_KIBIBYTES && passes >= 1 && lanes >= 1,
        "memory, passes and lanes of argon2id are out of bounds");
    byte[] salt = decode(match.group(4));
    byte[] hash = decode(match.group(5));
    require(salt.length >= 8 && hash.length >= 16, "salt or hash of argon2id is too short");
    return new Secret.Argon2id(kibibytes, passes, lanes, salt, hash);
  }

  private static Secret scram(Matcher match) {
    var hash = match.group(1).equals("1") ? ScramHash.SHA_1 : ScramHash.SHA_256;
    int iterations = Integer.parseInt(match.group(2));
    byte[] storedKey = decode(match.group(4));
    byte[] serverKey = decode(match.group(5));
    require(iterations >= 4096, "SCRAM has at least 4096 iterations (RFC 7677 §4)");
    require(storedKey.length == hash.octets() && serverKey.length == hash.octets(),
        "the keys of SCRAM have not the length of its hash");
    return new Secret.Scram(hash, iterations, decode(match.group(3)), storedKey, serverKey);
  }

  private static byte[] decode(String base64) {
    return Base64.getDecoder().decode(base64);
  }

  private static String base64(byte[] octets) {
    return Base64.getEncoder().encodeToString(octets);
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalArgumentException(otherwise);
    }
  }
}
