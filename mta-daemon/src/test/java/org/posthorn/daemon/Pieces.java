package org.posthorn.daemon;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;

/** Input for what is fuzzed, made of pieces that make sense alone; the same for the same seed. */
public final class Pieces {
  private static final int MOST = 12;

  private Pieces() {}

  /** Returns some of {@code pieces} in any order, each octet a character; now and then an octet is another. */
  public static byte[] of(long seed, List<String> pieces) {
    var random = new Random(seed);
    var out = new ByteArrayOutputStream();
    for (int i = random.nextInt(MOST); i >= 0; i--) {
      out.writeBytes(pieces.get(random.nextInt(pieces.size())).getBytes(StandardCharsets.ISO_8859_1));
    }
    byte[] octets = out.toByteArray();
    for (int i = random.nextInt(4) - 1; i >= 0 && octets.length > 0; i--) {
      octets[random.nextInt(octets.length)] = (byte) random.nextInt(256);
    }
    return octets;
  }
}
