package org.posthorn.smtp;

import java.time.Instant;
import java.util.Optional;

/**
 * The RRVS parameter of RCPT: whoever owns the mailbox now must have owned it at that time (RFC 7293 §3.1).
 *
 * @param time in whole seconds
 * @param without what to do when the next server does not know RRVS; empty is {@link Without#REJECT}, but is passed on as it came
 */
public record ValidSince(Instant time, Optional<Without> without) {
  /** What to do when the next server does not know RRVS. */
  public enum Without {
    /** The message is not for it. */
    REJECT("R"),
    /** It gets the message nevertheless. */
    CONTINUE("C");

    private final String letter;

    Without(String letter) {
      this.letter = letter;
    }
  }

  /** Reads what {@link #toString} writes; the letter may be in any case, the time in any zone. */
  public static Optional<ValidSince> parse(String value) {
    return SenderSyntax.validSince(value);
  }

  /** Whether a server that does not know RRVS may get the message. */
  public boolean continuesWithout() {
    return without.equals(Optional.of(Without.CONTINUE));
  }

  /** Returns the value of the parameter. */
  @Override
  public String toString() {
    return time + without.map(action -> ";" + action.letter).orElse("");
  }
}
