package org.posthorn.queue.dsn;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.regex.Pattern;

/** Writes header-like fields: what a peer said can neither end a field nor begin another. */
final class FieldText {
  /** RFC 5322 §3.3. */
  static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern("EEE, d MMM yyyy HH:mm:ss Z", Locale.US)
      .withZone(ZoneOffset.UTC);

  private static final int WIDTH = 76;
  /**
   * What is not broken: an address, however long, and other words as long as they are below the 998 octets of a line in UTF-8
   * whatever their characters are.
   */
  private static final Pattern WORD = Pattern.compile("( *)((?=[^ ])[^ ]{0,130}[!-~]{0,600}(?![^ ])|[^ ]{1,320})");
  private static final Pattern CONTROL = Pattern.compile("[\\p{Cc}\\u2028\\u2029]");

  private FieldText() {}

  /** Returns {@code name: value} and CRLF, folded (RFC 5322 §2.2.3), every control character made a {@code ?}. */
  static String field(String name, String value) {
    var field = new StringBuilder(name).append(':');
    int column = field.length();
    boolean first = true; // a line without a word would read as an empty field to some
    var words = WORD.matcher(CONTROL.matcher(value).replaceAll("?"));
    while (words.find()) {
      String gap = first || words.group(1).isEmpty() ? " " : words.group(1);
      int length = gap.length() + words.group(2).length();
      if (!first && column + length > WIDTH) {
        field.append("\r\n");
        column = 0;
      }
      field.append(gap).append(words.group(2));
      column += length;
      first = false;
    }
    return field.append("\r\n").toString();
  }

  /** Returns {@code name: date} and CRLF. */
  static String field(String name, Instant date) {
    return field(name, DATE.format(date));
  }

  /** Whether every character is ASCII. */
  static boolean isAscii(String text) {
    return text.chars().allMatch(c -> c < 128);
  }

  /** Returns {@code text} with {@code ?} for what ASCII lacks. */
  static String toAscii(String text) {
    return text.codePoints()
        .map(c -> c < 128 ? c : '?')
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }
}
