package org.posthorn.queue;

import java.time.Instant;
import org.posthorn.queue.Outcome.Diagnostic;

/** What follows for a recipient from an attempt, or from what the operator wants. */
sealed interface Verdict {
  /** What verdicts rest on. */
  enum Ground {
    /** An attempt that has just ended. */
    ATTEMPT,
    /** The time, the operator, or a destination that is left alone: nothing was tried. */
    OTHER
  }

  /** Someone else is responsible now. */
  record Done(Outcome.Delivered how) implements Verdict {}

  /** It is tried again at {@code due}. */
  record RetryAt(Instant due, int attempts, Diagnostic why) implements Verdict {}

  /** It goes back to the sender, because it was refused for good, or the operator returned it. */
  record Bounce(Diagnostic why) implements Verdict {}

  /** It goes back to the sender, because it has waited too long. */
  record Expire(Diagnostic why) implements Verdict {}

  /** The operator deleted it; nobody is told. */
  record Drop() implements Verdict {}
}
