package org.posthorn.smtp;

import java.util.Optional;

/**
 * An enhanced mail system status code, {@code class.subject.detail} (RFC 3463 §2).
 *
 * @param severity 2 success, 4 persistent transient failure, 5 permanent failure
 * @param subject what the failure is about, 0 to 999
 * @param detail what exactly went wrong, 0 to 999
 */
public record EnhancedStatus(int severity, int subject, int detail) {
  public EnhancedStatus {
    if ((severity != 2 && severity != 4 && severity != 5) || subject < 0 || subject > 999 || detail < 0
        || detail > 999) {
      throw new IllegalArgumentException("not an enhanced status: " + severity + "." + subject + "." + detail);
    }
  }

  /** Reads {@code text}, which must be a status code and nothing else. */
  public static EnhancedStatus of(String text) {
    return parse(text).orElseThrow(() -> new IllegalArgumentException("not an enhanced status: " + text));
  }

  /** Reads {@code text} from a peer; empty when it is not a status code (RFC 3463 §2). */
  public static Optional<EnhancedStatus> parse(String text) {
    int first = text.indexOf('.');
    int second = text.indexOf('.', first + 1);
    if (first != 1 || second < 0 || "245".indexOf(text.charAt(0)) < 0) {
      return Optional.empty();
    }
    int subject = number(text, first + 1, second);
    int detail = number(text, second + 1, text.length());
    return subject < 0 || detail < 0
        ? Optional.empty()
        : Optional.of(new EnhancedStatus(text.charAt(0) - '0', subject, detail));
  }

  /** Returns the number of one to three digits in a part of {@code text}; -1 when there is none. */
  private static int number(String text, int from, int to) {
    int number = from < to && to - from <= 3 ? 0 : -1;
    for (int i = from; i < to && number >= 0; i++) {
      number = Ascii.isDigit(text.charAt(i)) ? number * 10 + text.charAt(i) - '0' : -1;
    }
    return number;
  }

  /** Returns this code's subject and detail as a failure that may pass: 5.1.1 becomes 4.1.1. */
  public EnhancedStatus asTransient() {
    return new EnhancedStatus(4, subject, detail);
  }

  @Override
  public String toString() {
    return severity + "." + subject + "." + detail;
  }
}
