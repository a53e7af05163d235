package org.posthorn.smtp;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * How urgent a message is among others (RFC 6710 §3).
 *
 * @param value from -9, the least, to 9
 */
public record Priority(int value) implements Comparable<Priority> {
  /** That of a message for which none was asked. */
  public static final Priority NORMAL = new Priority(0);
  /** The largest value; the smallest is its negation. */
  public static final int MOST = 9;
  private static final Pattern FORM = Pattern.compile("0|-?[1-9]");

  public Priority {
    if (value < -MOST || value > MOST) {
      throw new IllegalArgumentException("not a priority: " + value);
    }
  }

  /** Reads a priority as the standard writes it (RFC 6710 §7). */
  public static Optional<Priority> parse(String text) {
    return FORM.matcher(text).matches() ? Optional.of(new Priority(Integer.parseInt(text))) : Optional.empty();
  }

  @Override
  public int compareTo(Priority other) {
    return Integer.compare(value, other.value);
  }

  @Override
  public String toString() {
    return Integer.toString(value);
  }
}
