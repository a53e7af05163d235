package org.posthorn.daemon.tls;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;

/** The textual encoding of keys and certificates (RFC 7468). What stands around the blocks is ignored, as §5.2 wants. */
final class Pem {
  /** One block, such as a {@code CERTIFICATE}. */
  record Block(String label, byte[] content) {}

  private static final Pattern BLOCK = Pattern.compile("-----BEGIN ([A-Z0-9 ]{1,40})-----(.*?)-----END \\1-----",
      Pattern.DOTALL);
  private static final int LINE = 64;

  private Pem() {}

  /** Reads all blocks of {@code text}; throws IllegalArgumentException that says what is wrong with one. */
  static List<Block> read(String text) {
    var blocks = new ArrayList<Block>();
    var found = BLOCK.matcher(text);
    while (found.find()) {
      String label = found.group(1);
      if (found.group(2).contains("ENCRYPTED") || label.startsWith("ENCRYPTED")) {
        throw new IllegalArgumentException("the key is encrypted; nobody is there at the start to give a password");
      }
      blocks.add(new Block(label, decoded(label, found.group(2))));
    }
    return blocks;
  }

  private static byte[] decoded(String label, String base64) {
    try {
      return Base64.getMimeDecoder().decode(base64);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("the " + label + " is not base64: " + e.getMessage(), e);
    }
  }

  /** Returns one block as a file has it. */
  static String write(String label, byte[] content) {
    var encoder = Base64.getMimeEncoder(LINE, "\n".getBytes(StandardCharsets.US_ASCII));
    return "-----BEGIN " + label + "-----\n" + encoder.encodeToString(content) + "\n-----END " + label + "-----\n";
  }
}
