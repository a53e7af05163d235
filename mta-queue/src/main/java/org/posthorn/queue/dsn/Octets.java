package org.posthorn.queue.dsn;

/** Looks at content as mail transport does. */
final class Octets {
  private static final int MAX_LINE_OCTETS = 998; // RFC 5322 §2.1.1

  private Octets() {}

  /** Whether an octet is above 127. */
  static boolean isEightBit(byte[] content) {
    for (byte octet : content) {
      if (octet < 0) {
        return true;
      }
    }
    return false;
  }

  /** Whether 7bit or 8bit may be said of {@code content}: no NUL, CR and LF only together, no overlong line. */
  static boolean isLines(byte[] content) {
    int lineStart = 0;
    for (int i = 0; i < content.length; i++) {
      boolean afterCr = i > 0 && content[i - 1] == '\r';
      if (content[i] == 0 || afterCr != (content[i] == '\n') || i - lineStart > MAX_LINE_OCTETS + 1) {
        return false;
      }
      if (content[i] == '\n') {
        lineStart = i + 1;
      }
    }
    return content.length == 0 || content[content.length - 1] != '\r';
  }
}
