package org.posthorn.smtp;

/** A place in a text that is read from left to right. */
final class Cursor {
  /** Tells which characters belong to a token. */
  @FunctionalInterface
  interface CharTest {
    boolean matches(char c);
  }

  /** A line that cannot be read, and what to answer. Private to the parsers, so it has no stack trace. */
  static final class SyntaxException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final transient Reply reply;

    SyntaxException(Reply reply) {
      super(null, null, false, false);
      this.reply = reply;
    }

    Reply reply() {
      return reply;
    }
  }

  private final String text;
  private int at;

  Cursor(String text) {
    this.text = text;
  }

  boolean isAtEnd() {
    return at == text.length();
  }

  /** Whether the next character is {@code c}. */
  boolean isAt(char c) {
    return at < text.length() && text.charAt(at) == c;
  }

  /** Passes the next character if it is {@code c}. */
  boolean take(char c) {
    boolean taken = isAt(c);
    if (taken) {
      at++;
    }
    return taken;
  }

  /** Passes {@code keyword}, which is upper case, in whatever case it stands here. */
  boolean takeKeyword(String keyword) {
    if (text.length() - at < keyword.length()) {
      return false;
    }
    for (int i = 0; i < keyword.length(); i++) {
      if (Ascii.toUpperCase(text.charAt(at + i)) != keyword.charAt(i)) {
        return false;
      }
    }
    at += keyword.length();
    return true;
  }

  /** Returns the characters from here on that belong to the token, perhaps none. */
  String takeWhile(CharTest test) {
    int start = at;
    while (at < text.length() && test.matches(text.charAt(at))) {
      at++;
    }
    return text.substring(start, at);
  }

  /** Passes the next character, which must be there, and returns it. */
  char take() {
    return text.charAt(at++);
  }

  /** Passes spaces; whether there was one. */
  boolean takeSpaces() {
    return !takeWhile(c -> c == ' ').isEmpty();
  }

  /** Returns all that is left. */
  String rest() {
    String rest = text.substring(at);
    at = text.length();
    return rest;
  }
}
