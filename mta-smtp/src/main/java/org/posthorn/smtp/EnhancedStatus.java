package org.posthorn.smtp;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * An enhanced mail system status code, {@code class.subject.detail} (RFC 3463 §2).
 *
 * @param severity 2 success, 4 persistent transient failure, 5 permanent failure
 * @param subject what the failure is about, 0 to 999
 * @param detail what exactly went wrong, 0 to 999
 */
public record EnhancedStatus(int severity, int subject, int detail) {
  private static final Pattern FORM = Pattern.compile("([245])\\.(\\d{1,3})\\.(\\d{1,3})");

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
    var match = FORM.matcher(text);
    return match.matches()
        ? Optional.of(new EnhancedStatus(Integer.parseInt(match.group(1)),
            Integer.parseInt(match.group(2)), Integer.parseInt(match.group(3))))
        : Optional.empty();
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
