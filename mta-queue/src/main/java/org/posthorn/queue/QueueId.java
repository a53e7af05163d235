package org.posthorn.queue;

/**
 * Names a queued message, in replies, {@code Received:} fields, logs and commands. Ids sort by the time they were made.
 *
 * @param value 16 characters of lower-case letters and digits
 */
public record QueueId(String value) implements Comparable<QueueId> {
  private static final int CHARS = 16;

  public QueueId {
    if (!isValid(value)) {
      throw new IllegalArgumentException("not a queue id: " + value);
    }
  }

  /** Whether {@code text} has the form of an id. */
  public static boolean isValid(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if ((c < '0' || c > '9') && (c < 'a' || c > 'z')) {
        return false;
      }
    }
    return text.length() == CHARS;
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
