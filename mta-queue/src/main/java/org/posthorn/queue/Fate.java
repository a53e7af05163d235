package org.posthorn.queue;

import java.time.Instant;
import java.util.Optional;
import org.posthorn.queue.Outcome.Diagnostic;

/**
 * What has become of a recipient so far, for a sender who tracks the message (RFC 3885).
 *
 * @param how what the last attempt brought
 * @param at when that was
 * @param retryUntil until when it is tried, while it waits
 */
public record Fate(Action action, Diagnostic how, Instant at, Optional<Instant> retryUntil) {
  /** The words of RFC 3886 §3.3.3. */
  public enum Action {
    /** It is in the mailbox. */
    DELIVERED,
    /** It is with a server that knows nothing of tracking. */
    RELAYED,
    /** It is with a server that can be asked. */
    TRANSFERRED,
    /** It waits here. */
    DELAYED,
    /** It will not be delivered. */
    FAILED
  }
}
