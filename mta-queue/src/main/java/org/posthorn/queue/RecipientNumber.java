package org.posthorn.queue;

/** The place of a recipient in its envelope, from 0. It never changes, whatever becomes of the other recipients. */
public record RecipientNumber(int value) implements Comparable<RecipientNumber> {
  public RecipientNumber {
    if (value < 0) {
      throw new IllegalArgumentException("not a recipient number: " + value);
    }
  }

  @Override
  public int compareTo(RecipientNumber other) {
    return Integer.compare(value, other.value);
  }
}
