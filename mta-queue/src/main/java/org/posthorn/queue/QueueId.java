package org.posthorn.queue;

import java.util.regex.Pattern;

/**
 * Names a queued message, in replies, {@code Received:} fields, logs and commands. Ids sort by the time they were made.
 *
 * @param value 16 characters of lower-case letters and digits
 */
public record QueueId(String value) implements Comparable<QueueId> {
  private static final Pattern FORM = Pattern.compile("[0-9a-z]{16}");

  public QueueId {
    if (!isValid(value)) {
      throw new IllegalArgumentException("not a queue id: " + value);
    }
  }

  /** Whether {@code text} has the form of an id. */
  public static boolean isValid(String text) {
    return FORM.matcher(text).matches();
  }

  @Override
  public int compareTo(QueueId other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
