package org.posthorn.smtp;

import java.util.Optional;

/** The header field that takes a priority through servers without MT-PRIORITY (RFC 6758 §4). */
public final class PriorityField {
  /** Its name, in lower case. */
  public static final String NAME = "mt-priority";
  /** What is longer is no priority, however many comments there are. */
  static final int MAX_OCTETS = 200;

  private PriorityField() {}

  /** Returns the field, with its line end. */
  public static String of(Priority priority) {
    return "MT-Priority: " + priority + "\r\n";
  }

  /** Reads what stands behind the colon, comments and line ends included; empty when that is no priority. */
  static Optional<Priority> value(String text) {
    if (text.length() > MAX_OCTETS) {
      return Optional.empty();
    }
    var bare = new StringBuilder();
    int depth = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\\') {
        i++; // a quoted pair, which is only right in a comment
        bare.append(depth > 0 ? ' ' : c);
      } else if (c == '(' || (c == ')' && depth > 0)) {
        depth += c == '(' ? 1 : -1;
        bare.append(' ');
      } else {
        bare.append(depth > 0 ? ' ' : c);
      }
    }
    return depth == 0 ? Priority.parse(bare.toString().strip()) : Optional.empty();
  }
}
