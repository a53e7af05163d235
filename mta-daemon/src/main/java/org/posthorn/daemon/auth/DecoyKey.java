package org.posthorn.daemon.auth;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.random.RandomGenerator;

/** The key that what unknown users are shown is made of, in a file, so that it is the same after a restart. */
public final class DecoyKey {
  private static final int OCTETS = 32;

  private DecoyKey() {}

  /** Reads the key, or makes one, readable for its owner only. */
  public static byte[] at(Path file, RandomGenerator random) throws IOException {
    if (Files.exists(file)) {
      byte[] key = Files.readAllBytes(file);
      if (key.length == OCTETS) {
        return key;
      }
      Files.delete(file); // cut off by a crash when it was made; nothing but the salts of nobody depends on it
    }
    byte[] key = new byte[OCTETS];
    random.nextBytes(key);
    Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.write(file, key);
    return key;
  }
}
