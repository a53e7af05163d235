package org.posthorn.smtp;

import java.util.List;
import java.util.Optional;

/**
 * One SMTP reply (RFC 5321 §4.2): a code, text, and the enhanced status (RFC 2034 §4) that every reply carries except
 * 3yz, the greeting and the answers to HELO and EHLO.
 *
 * @param code 200 to 599
 * @param status the enhanced status, written before the text of every line
 * @param lines the text, at least one line, without code, status and line end
 */
public record Reply(int code, Optional<EnhancedStatus> status, List<String> lines) {
  private static final int MAX_TEXT_CHARS = 496; // 512 without "550-5.999.999 " and CRLF

  public Reply {
    lines = List.copyOf(lines);
    if (code < 200 || code > 599 || lines.isEmpty()) {
      throw new IllegalArgumentException("not a reply: " + code + " " + lines);
    }
    status.ifPresent(s -> requireSameClass(code, s)); // 550 with 4.x.x would confuse every client
  }

  /** Returns a reply of one line with an enhanced status. */
  public static Reply of(int code, String status, String text) {
    return new Reply(code, Optional.of(EnhancedStatus.of(status)), List.of(text));
  }

  /** Returns a reply of one line without an enhanced status: a greeting, 3yz, or the answer to HELO. */
  public static Reply plain(int code, String text) {
    return new Reply(code, Optional.empty(), List.of(text));
  }

  /** Whether the command succeeded: 2yz. */
  public boolean isPositive() {
    return code < 300;
  }

  /** Whether the command may succeed later: 4yz. */
  public boolean isTransient() {
    return code >= 400 && code < 500;
  }

  /** Whether the command will never succeed as it stands: 5yz. */
  public boolean isPermanent() {
    return code >= 500;
  }

  /**
   * Returns the reply as it is sent: lines of at most 512 octets with their CRLF (RFC 5321 §4.5.3.1.5), all ASCII, so
   * that whatever a peer has put into the text can neither end a line nor reach a client that did not ask for UTF-8.
   */
  public String toWire() {
    var wire = new StringBuilder(64);
    for (int i = 0; i < lines.size(); i++) {
      wire.append(code).append(i == lines.size() - 1 ? ' ' : '-');
      status.ifPresent(s -> wire.append(s).append(' '));
      appendText(wire, lines.get(i), MAX_TEXT_CHARS);
      wire.append("\r\n");
    }
    return wire.toString();
  }

  /** Returns the reply on one line, as logs and DSNs show it. */
  @Override
  public String toString() {
    return code + status.map(s -> " " + s).orElse("") + " " + String.join(" ", lines);
  }

  private static void appendText(StringBuilder wire, String text, int maxChars) {
    int length = Math.min(text.length(), maxChars);
    for (int i = 0; i < length; i++) {
      char c = text.charAt(i);
      wire.append(c < ' ' || c > '~' ? '?' : c);
    }
  }

  private static void requireSameClass(int code, EnhancedStatus status) {
    if (code / 100 != status.severity()) {
      throw new IllegalArgumentException("reply " + code + " with status " + status);
    }
  }
}
