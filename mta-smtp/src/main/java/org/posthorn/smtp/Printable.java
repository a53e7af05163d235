package org.posthorn.smtp;

/** Makes text from a peer safe to log and to show: no control character reaches a terminal or begins a new line. */
public final class Printable {
  /** The longest text that is shown; the rest is cut, and an ellipsis says so. */
  static final int MAX_CHARS = 1000;

  private Printable() {}

  /** Returns {@code text} with control characters replaced by {@code ?}, cut to a bounded length. */
  public static String of(String text) {
    var shown = new StringBuilder(Math.min(text.length(), MAX_CHARS) + 1);
    for (int i = 0; i < text.length() && i < MAX_CHARS; i++) {
      char c = text.charAt(i);
      shown.append(Character.isISOControl(c) || c == '\u2028' || c == '\u2029' ? '?' : c);
    }
    return text.length() > MAX_CHARS ? shown.append('…').toString() : shown.toString();
  }
}
