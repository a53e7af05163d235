package org.posthorn.daemon.auth;

import com.password4j.Argon2Function;
import com.password4j.BcryptFunction;
import com.password4j.types.Argon2;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Locale;
import java.util.random.RandomGenerator;

/** What the users file keeps of a password. None of these shows itself in {@code toString}. */
public sealed interface Secret {
  /** Argon2id (RFC 9106), in the PHC string format. */
  record Argon2id(int kibibytes, int passes, int lanes, byte[] salt, byte[] hash) implements Secret {
    @Override
    public String toString() {
      return kind();
    }
  }

  /** bcrypt, {@code $2a$}, {@code $2b$} or {@code $2y$}. */
  record Bcrypt(String text) implements Secret {
    @Override
    public String toString() {
      return kind();
    }
  }

  /** The SHA-512 form of crypt(3), {@code $6$}; {@code rounds} are 5000 unless the text says otherwise. */
  record Crypt(String text, int rounds, String salt, String hash) implements Secret {
    @Override
    public String toString() {
      return kind();
    }
  }

  /** What a server needs for SCRAM (RFC 5802 §3, RFC 5803), and cannot log in with itself. */
  record Scram(ScramHash hash, int iterations, byte[] salt, byte[] storedKey, byte[] serverKey) implements Secret {
    /** Makes it of a prepared password. */
    static Scram of(ScramHash hash, String password, byte[] salt, int iterations) {
      byte[] salted = hash.salted(password, salt, iterations);
      return new Scram(hash, iterations, salt, hash.hash(hash.hmac(salted, "Client Key")),
          hash.hmac(salted, "Server Key"));
    }

    @Override
    public String toString() {
      return kind();
    }
  }

  /** The password itself, which CRAM-MD5 and DIGEST-MD5 need. */
  record Clear(String password) implements Secret {
    @Override
    public String toString() {
      return kind();
    }
  }

  /** Memory, in KiB, and passes of new Argon2id hashes: what OWASP recommends for one lane. */
  int ARGON2_KIBIBYTES = 19_456;
  /** See {@link #ARGON2_KIBIBYTES}. */
  int ARGON2_PASSES = 2;
  /** Iterations of new SCRAM secrets; RFC 7677 §4 wants 4096 at least, and the client has to do them too. */
  int SCRAM_ITERATIONS = 32_768;

  /** Reads a secret as the users file has it; throws IllegalArgumentException, without showing it, when it is none. */
  static Secret parse(String text) {
    return SecretText.parse(text);
  }

  /** Returns the secret as the users file has it. */
  default String text() {
    return SecretText.of(this);
  }

  /** Returns what sort it is, for people. */
  default String kind() {
    return switch (this) {
      case Argon2id _ -> "argon2id";
      case Bcrypt _ -> "bcrypt";
      case Crypt _ -> "sha512-crypt";
      case Scram scram -> scram.hash().mechanism().toLowerCase(Locale.ROOT);
      case Clear _ -> "clear";
    };
  }

  /** Whether it was made of {@code password}, which is prepared. Takes long and much memory, as it is meant to. */
  default boolean isOf(String password) {
    byte[] octets = password.getBytes(StandardCharsets.UTF_8);
    return switch (this) {
      case Argon2id argon -> MessageDigest.isEqual(argon.hash(), argon2id(octets, argon.salt(), argon));
      case Bcrypt(var text) -> BcryptFunction.getInstanceFromHash(text)
          .check(octets, text.getBytes(StandardCharsets.US_ASCII));
      case Crypt crypt ->
        Sha512Crypt.isEqual(crypt.hash(), Sha512Crypt.hash(password, crypt.salt(), crypt.rounds()));
      case Scram scram -> MessageDigest.isEqual(scram.storedKey(),
          Scram.of(scram.hash(), password, scram.salt(), scram.iterations()).storedKey());
      case Clear(var clear) -> MessageDigest.isEqual(clear.getBytes(StandardCharsets.UTF_8), octets);
    };
  }

  /** Returns one that costs as much to check as this one, and that no password fits. */
  default Secret decoy() {
    return switch (this) {
      case Argon2id argon -> new Argon2id(argon.kibibytes(), argon.passes(), argon.lanes(), argon.salt(),
          new byte[argon.hash().length]);
      case Bcrypt(var text) -> new Bcrypt(text.substring(0, 29) + ".".repeat(31));
      case Crypt crypt -> new Crypt("", crypt.rounds(), crypt.salt(), "");
      case Scram scram -> new Scram(scram.hash(), scram.iterations(), scram.salt(),
          new byte[scram.hash().octets()], new byte[scram.hash().octets()]);
      case Clear _ -> new Clear("");
    };
  }

  /** Makes a secret of the kind that {@link #kind()} names, of a prepared password. */
  static Secret make(String kind, String password, RandomGenerator random) {
    byte[] salt = new byte[16];
    random.nextBytes(salt);
    byte[] octets = password.getBytes(StandardCharsets.UTF_8);
    return switch (kind) {
      case "argon2id" -> {
        var shape = new Argon2id(ARGON2_KIBIBYTES, ARGON2_PASSES, 1, salt, new byte[32]);
        yield new Argon2id(ARGON2_KIBIBYTES, ARGON2_PASSES, 1, salt, argon2id(octets, salt, shape));
      }
      case "bcrypt" -> new Bcrypt(BcryptFunction.getInstance(com.password4j.types.Bcrypt.B, 12)
          .hash(octets)
          .getResult());
      case "sha512-crypt" -> {
        String text = Sha512Crypt.salt(salt);
        yield SecretText.parse("$6$rounds=100000$" + text + "$" + Sha512Crypt.hash(password, text, 100_000));
      }
      case "scram-sha-256" -> Scram.of(ScramHash.SHA_256, password, salt, SCRAM_ITERATIONS);
      case "scram-sha-1" -> Scram.of(ScramHash.SHA_1, password, salt, SCRAM_ITERATIONS);
      case "clear" -> new Clear(password);
      default -> throw new IllegalArgumentException("no kind of secret: " + kind);
    };
  }

  private static byte[] argon2id(byte[] password, byte[] salt, Argon2id shape) {
    return Argon2Function
        .getInstance(shape.kibibytes(), shape.passes(), shape.lanes(), shape.hash().length, Argon2.ID,
            Argon2Function.ARGON2_VERSION_13)
        .hash(password, salt)
        .getBytes();
  }

  /** Returns {@code octets} without padding, as PHC strings have them. */
  static String unpadded(byte[] octets) {
    return Base64.getEncoder().withoutPadding().encodeToString(octets);
  }
}
