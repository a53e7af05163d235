package org.posthorn.smtp;

/**
 * The BY parameter of MAIL (RFC 2852 §4).
 *
 * @param seconds how long delivery may take from when the parameter was given; negative, as the time runs on after it is over
 * @param mode what happens then
 * @param isTraced whether each hop reports that it has passed the message on
 */
public record DeliverBy(long seconds, Mode mode, boolean isTraced) {
  /** What happens to a message that is not delivered in time. */
  public enum Mode {
    /** It is returned: R. */
    RETURN,
    /** Its sender is told, and it is tried on: N. */
    NOTIFY
  }

  /** Returns the value of the parameter. */
  @Override
  public String toString() {
    return seconds + ";" + (mode == Mode.RETURN ? "R" : "N") + (isTraced ? "T" : "");
  }
}
