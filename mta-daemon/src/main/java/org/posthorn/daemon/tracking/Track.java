package org.posthorn.daemon.tracking;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.posthorn.queue.Fate;

/**
 * What is known of a message that is tracked.
 *
 * @param envelopeId the sender's name for it
 * @param arrival when it came here
 * @param expiry until when its sender may ask
 * @param recipients what became of each
 */
record Track(String envelopeId, Instant arrival, Instant expiry, List<Destiny> recipients) {
  /**
   * What became of one recipient.
   *
   * @param address where it goes
   * @param original the address that the sender used, with its type
   * @param isExpanded whether it is one of several behind an alias, of whom the sender learns nothing
   * @param last the latest; empty before the first attempt
   */
  record Destiny(String address, String original, boolean isExpanded, Optional<Last> last) {
    boolean isOpen() {
      return last.map(fate -> fate.action() == Fate.Action.DELAYED).orElse(true);
    }
  }

  /** What the last attempt brought; {@code remote} is the server's name. */
  record Last(Fate.Action action, String status, Optional<String> remote, Instant at,
      Optional<Instant> retryUntil) {}

  Track {
    recipients = List.copyOf(recipients);
  }

  /** Whether it may be forgotten at {@code now}; what waits here may not. */
  boolean hasExpired(Instant now) {
    return now.isAfter(expiry) && recipients.stream().noneMatch(Destiny::isOpen);
  }
}
