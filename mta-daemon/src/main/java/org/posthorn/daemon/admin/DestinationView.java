package org.posthorn.daemon.admin;

import java.time.Instant;
import java.util.Optional;
import org.posthorn.queue.SiteStatus;

/**
 * How a destination fares.
 *
 * @param name the next hop
 * @param state open, backing-off, probing or paused
 * @param until when a pause or a back-off ends by itself
 * @param reason why it is paused or left alone
 * @param limit transactions that may run at once
 * @param active transactions that run
 * @param waiting recipients that wait
 * @param firstDue when the first of them is due
 */
public record DestinationView(String name, String state, Optional<Instant> until, Optional<String> reason, int limit,
    int active, long waiting, Optional<Instant> firstDue) {
  static DestinationView of(SiteStatus status) {
    return new DestinationView(status.destination().name(), MessageView.word(status.state()), status.until(),
        status.reason(), status.limit(), status.active(), Math.max(status.waiting(), status.ready()),
        status.firstDue());
  }
}
