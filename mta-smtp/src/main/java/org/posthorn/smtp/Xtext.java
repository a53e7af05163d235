package org.posthorn.smtp;

import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;

/**
 * The encodings of DSN parameters: xtext (RFC 3461 §4) and, for addresses of type {@code utf-8}, embedded Unicode
 * characters (RFC 6533 §3). Nothing decodes to a control character, so that what came in a parameter can go into a
 * header.
 */
public final class Xtext {
  private static final HexFormat HEX = HexFormat.of().withUpperCase();

  private Xtext() {}

  /** Encodes printable US-ASCII; throws IllegalArgumentException for anything else. */
  public static String encode(String text) {
    var encoded = new StringBuilder(text.length() + 8);
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < ' ' || c > '~') {
        throw new IllegalArgumentException("not printable ASCII: " + Printable.of(text));
      }
      if (isXchar(c)) {
        encoded.append(c);
      } else {
        encoded.append('+').append(HEX.toHexDigits((byte) c));
      }
    }
    return encoded.toString();
  }

  /** Decodes {@code text}; empty when it is not xtext, or stands for anything but printable US-ASCII. */
  public static Optional<String> decode(String text) {
    var decoded = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '+') {
        c = hexPair(text, i + 1);
        i += 2;
      } else if (!isXchar(c)) {
        return Optional.empty();
      }
      if (c < ' ' || c > '~') {
        return Optional.empty();
      }
      decoded.append(c);
    }
    return Optional.of(decoded.toString());
  }

  /** Encodes an address of type {@code utf-8} in ASCII: {@code utf-8-addr-xtext}, which every server can be given. */
  static String encodeUtf8Address(String address) {
    var encoded = new StringBuilder(address.length() + 16);
    address.codePoints().forEach(c -> {
      if (c < 128 && isUtf8AddressChar((char) c)) {
        encoded.append((char) c);
      } else {
        encoded.append(String.format(Locale.ROOT, "\\x{%02X}", c));
      }
    });
    return encoded.toString();
  }

  /** Decodes {@code utf-8-addr-xtext}, {@code utf-8-addr-unitext} or a plain address with UTF-8. */
  static Optional<String> decodeUtf8Address(String text) {
    var decoded = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      int end = text.startsWith("\\x{", i) ? text.indexOf('}', i) : -1;
      if (end >= 0) {
        int codePoint = hexPoint(text.substring(i + 3, end));
        if (codePoint < 0) {
          return Optional.empty();
        }
        decoded.appendCodePoint(codePoint);
        i = end;
      } else if (c == '\\' || c <= ' ' || c == '=') {
        return Optional.empty();
      } else {
        decoded.append(c); // a plus sign too: RFC 6533 §3 also allows the address as it is
      }
    }
    return Optional.of(decoded.toString()).filter(Ascii::isClean);
  }

  /** Returns the code point that two to six hexadecimal digits name, or -1. */
  private static int hexPoint(String digits) {
    if (digits.length() < 2 || digits.length() > 6 || !digits.chars().allMatch(HexFormat::isHexDigit)) {
      return -1;
    }
    int codePoint = HexFormat.fromHexDigits(digits);
    boolean isSurrogate = codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
    return Character.isValidCodePoint(codePoint) && !isSurrogate ? codePoint : -1;
  }

  /**
   * Returns the character that two upper-case hexadecimal digits name; NUL, which no one may send, when they are not
   * there.
   */
  private static char hexPair(String text, int at) {
    if (at + 2 > text.length() || !isHexDigit(text.charAt(at)) || !isHexDigit(text.charAt(at + 1))) {
      return 0;
    }
    return (char) HexFormat.fromHexDigits(text, at, at + 2);
  }

  /** Lower-case digits are wrong (RFC 3461 §4), but several senders write them and no other reading is possible. */
  private static boolean isHexDigit(char c) {
    return HexFormat.isHexDigit(c);
  }

  private static boolean isXchar(char c) {
    return c > ' ' && c <= '~' && c != '+' && c != '=';
  }

  private static boolean isUtf8AddressChar(char c) {
    return isXchar(c) && c != '\\';
  }
}
