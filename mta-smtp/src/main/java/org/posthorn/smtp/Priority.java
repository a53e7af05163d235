package org.posthorn.smtp;

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

  public Priority {
    if (value < -MOST || value > MOST) {
      throw new IllegalArgumentException("not a priority: " + value);
    }
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
