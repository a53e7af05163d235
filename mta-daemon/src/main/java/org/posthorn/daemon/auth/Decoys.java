package org.posthorn.daemon.auth;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** What unknown users are shown, always the same for the same name: a salt that changed would give them away. */
final class Decoys {
  private final byte[] key;

  /** @param key kept over restarts, and known to nobody else */
  Decoys(byte[] key) {
    this.key = key.clone();
  }

  /** Returns a number that belongs to {@code login}. */
  int pick(String login) {
    return ByteBuffer.wrap(ScramHash.SHA_256.hmac(key, "pick " + login)).getInt();
  }

  /** Returns a secret that costs what new ones cost. */
  Secret standard() {
    return new Secret.Argon2id(Secret.ARGON2_KIBIBYTES, Secret.ARGON2_PASSES, 1, new byte[16], new byte[32]);
  }

  /** Returns what SCRAM shows of {@code login}. */
  Secret.Scram scram(String login, ScramHash hash, Accounts accounts) {
    var like = accounts.all()
        .stream()
        .flatMap(account -> Accounts.scramSecret(account, hash).stream())
        .toList();
    int iterations = like.isEmpty()
        ? Secret.SCRAM_ITERATIONS
        : like.get(Math.floorMod(pick(login), like.size())).iterations();
    int saltOctets = like.isEmpty() ? 16 : like.get(Math.floorMod(pick(login), like.size())).salt().length;
    byte[] salt = ScramHash.SHA_256.hmac(key, hash + " salt " + login);
    return new Secret.Scram(hash, iterations, Arrays.copyOf(salt, Math.min(saltOctets, salt.length)),
        new byte[hash.octets()], new byte[hash.octets()]);
  }
}
