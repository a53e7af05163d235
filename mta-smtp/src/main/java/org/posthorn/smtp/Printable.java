package org.posthorn.smtp;

/** Makes text from a peer safe to log and to show: no control character reaches a terminal or begins a new line. */
public final class Printable {
  /** The longest text that is shown; the rest is cut, and an ellipsis says so. */
  static final int MAX_CHARS = 1000;

  private Printable() {}

  /** Returns the first {@code chars} characters of {@code text}, or one less where that would cut a surrogate pair. */
  public static String cut(String text, int chars) {
    if (text.length() <= chars) {
      return text;
    }
    return text.substring(0, chars > 0 && Character.isHighSurrogate(text.charAt(chars - 1)) ? chars - 1 : chars);
  }

  /** Returns {@code text} with control characters replaced by {@code ?}, cut to a bounded length. */
  public static String of(String text) {
    int end = cut(text, MAX_CHARS).length();
    var shown = new StringBuilder(end + 1);
    for (int i = 0; i < end; i++) {
      char c = text.charAt(i);
      shown.append(Character.isISOControl(c) || c == '\u2028' || c == '\u2029' ? '?' : c);
    }
    return text.length() > MAX_CHARS ? shown.append('…').toString() : shown.toString();
  }
}
