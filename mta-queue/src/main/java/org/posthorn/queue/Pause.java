package org.posthorn.queue;

import java.time.Instant;
import java.util.Optional;

/**
 * The operator stopped a destination. Its mail waits, and neither expires nor is reported as late until it is tried again.
 *
 * @param reason why, in the operator's words
 * @param until when it goes on by itself; empty for when the operator says so
 */
public record Pause(String reason, Optional<Instant> until) {
  /** Whether it has ended by itself at {@code now}. */
  boolean isOver(Instant now) {
    return until.filter(end -> !now.isBefore(end)).isPresent();
  }
}
