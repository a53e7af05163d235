package org.posthorn.smtp;

/**
 * Octet-wise questions about text. The JDK's ignoring of case is Unicode's, for which a dotless i equals {@code I}: a
 * keyword must not be.
 */
final class Ascii {
  private Ascii() {}

  /** Whether {@code text} has no character above 127. */
  static boolean isAscii(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) > 127) {
        return false;
      }
    }
    return true;
  }

  /** Returns {@code text} with a to z made upper case and nothing else changed. */
  static String toUpperCase(String text) {
    var upper = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      upper.append(toUpperCase(text.charAt(i)));
    }
    return upper.toString();
  }

  /** Returns {@code c} in upper case if it is a to z, and else as it is. */
  static char toUpperCase(char c) {
    return c >= 'a' && c <= 'z' ? (char) (c - 32) : c;
  }

  /** Returns {@code text} with A to Z made lower case and nothing else changed. */
  static String toLowerCase(String text) {
    var lower = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      lower.append(c >= 'A' && c <= 'Z' ? (char) (c + 32) : c);
    }
    return lower.toString();
  }

  /** Whether {@code c} is A to Z or a to z. */
  static boolean isLetter(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
  }

  /** Whether {@code c} is 0 to 9. */
  static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  /** Whether {@code text} is well-formed UTF-16 without C0 or C1 control characters. */
  static boolean isClean(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isISOControl(c)) {
        return false;
      }
      if (Character.isSurrogate(c)) {
        if (!Character.isHighSurrogate(c) || i + 1 == text.length() || !Character.isLowSurrogate(text.charAt(i + 1))) {
          return false; // half a character: no octets on the wire say this
        }
        i++;
      }
    }
    return true;
  }

  /** Returns how many octets {@code text} takes in UTF-8. */
  static int utf8Length(String text) {
    int octets = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      // Each half of a surrogate pair counts two of the four octets.
      octets += c < 0x80 ? 1 : c < 0x800 || Character.isSurrogate(c) ? 2 : 3;
    }
    return octets;
  }
}
