package org.posthorn.smtp;

import java.util.ArrayList;
import java.util.List;

/**
 * Finds the addresses in the value of {@code From:}, {@code To:} and their like (RFC 5322 §3.4): display names, comments,
 * quoted strings, angle brackets with routes, groups. Lenient: what is no address is left for the server to refuse.
 */
public final class AddressList {
  private final String text;
  private int at;
  private final StringBuilder plain = new StringBuilder();
  private String bracketed = "";
  private final List<String> addresses = new ArrayList<>();

  private AddressList(String text) {
    this.text = text;
  }

  /** Returns the addresses in {@code value}, each as {@code local-part@domain} or without a domain. */
  public static List<String> parse(String value) {
    return new AddressList(value).parse();
  }

  private List<String> parse() {
    while (at < text.length()) {
      char c = text.charAt(at++);
      switch (c) {
        case '(' -> skipComment();
        case '"' -> quoted();
        case '<' -> angle();
        case '[' -> literal();
        case ':' -> plain.setLength(0); // it was the name of a group
        case ',', ';' -> endOfAddress();
        default -> {
          if (!Character.isWhitespace(c)) {
            plain.append(c);
          }
        }
      }
    }
    endOfAddress();
    return List.copyOf(addresses);
  }

  private void endOfAddress() {
    var address = bracketed.isEmpty() ? plain.toString() : bracketed;
    if (!address.isEmpty()) {
      addresses.add(address);
    }
    plain.setLength(0);
    bracketed = "";
  }

  private void skipComment() {
    int depth = 1;
    while (at < text.length() && depth > 0) {
      switch (text.charAt(at++)) {
        case '(' -> depth++;
        case ')' -> depth--;
        case '\\' -> at++;
        default -> {
        }
      }
    }
  }

  private void quoted() {
    plain.append('"');
    while (at < text.length()) {
      char c = text.charAt(at++);
      plain.append(c);
      if (c == '\\' && at < text.length()) {
        plain.append(text.charAt(at++));
      } else if (c == '"') {
        return;
      }
    }
  }

  private void literal() {
    int end = text.indexOf(']', at);
    int to = end < 0 ? text.length() : end + 1;
    plain.append('[').append(text, at, to);
    at = to;
  }

  /** A quoted local part may hold what ends the bracket, and a route ends with a colon (RFC 5322 §4.4). */
  private void angle() {
    plain.setLength(0);
    while (at < text.length() && text.charAt(at) != '>') {
      char c = text.charAt(at++);
      switch (c) {
        case '"' -> quoted();
        case '(' -> skipComment();
        case '[' -> literal();
        case ':' -> plain.setLength(0);
        default -> {
          if (!Character.isWhitespace(c)) {
            plain.append(c);
          }
        }
      }
    }
    at++;
    bracketed = plain.toString();
  }
}
