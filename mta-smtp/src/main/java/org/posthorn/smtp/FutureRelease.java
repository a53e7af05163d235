package org.posthorn.smtp;

import java.time.Duration;
import java.time.Instant;

/** When a submitted message may be sent on (RFC 4865 §4). */
public sealed interface FutureRelease {
  /** HOLDFOR: so long after it was submitted. */
  record HoldFor(Duration time) implements FutureRelease {}

  /** HOLDUNTIL: at that time. */
  record HoldUntil(Instant time) implements FutureRelease {}
}
