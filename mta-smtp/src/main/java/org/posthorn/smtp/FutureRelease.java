package org.posthorn.smtp;

import java.time.Duration;
import java.time.Instant;

/** When a submitted message may be sent on (RFC 4865 §4). */
public sealed interface FutureRelease {
  /** HOLDFOR: so long after it was submitted. */
  record HoldFor(Duration time) implements FutureRelease {
    @Override
    public Instant from(Instant submitted) {
      return submitted.plus(time);
    }

    @Override
    public String toString() {
      return "for;" + time.toSeconds();
    }
  }

  /** HOLDUNTIL: at that time. */
  record HoldUntil(Instant time) implements FutureRelease {
    @Override
    public Instant from(Instant submitted) {
      return time;
    }

    @Override
    public String toString() {
      return "until;" + time;
    }
  }

  /** Returns when a message that was submitted at that time may be sent on. */
  Instant from(Instant submitted);

  /** Returns it as DSNs repeat it, {@code for;3600} or {@code until;2030-12-24T18:00:00Z} (RFC 4865 §5.1.2). */
  @Override
  String toString();
}
