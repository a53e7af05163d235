package org.posthorn.delivery;

import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Optional;
import org.posthorn.queue.Handling;
import org.posthorn.queue.Outcome;
import org.posthorn.smtp.Capabilities;
import org.posthorn.smtp.Capabilities.Extension;
import org.posthorn.smtp.DeliverBy;
import org.posthorn.smtp.NotifyOn;
import org.posthorn.smtp.NotifyOn.Condition;

/** By when a message has to be delivered, as its next server is told (RFC 2852 §4.1.4). */
final class Timeliness {
  private static final long MOST_SECONDS = 999_999_999; // RFC 2852 §4

  private final Optional<Handling.Deadline> deadline;
  private final Instant now;

  /** Looks at {@code handling} at {@code now}, just before MAIL. */
  Timeliness(Handling handling, Instant now) {
    this.deadline = handling.deadline();
    this.now = now;
  }

  /** Says why the message must not go to the server at all (RFC 2852 §4.1.3, §4.1.4.1). No other is tried instead (§7). */
  Optional<Outcome> obstacle(SmtpConnection connection) {
    if (deadline.filter(by -> by.mode() == DeliverBy.Mode.RETURN).isEmpty()) {
      return Optional.empty();
    }
    long left = seconds(deadline.get());
    var offered = connection.capabilities();
    if (left < 1) {
      return Optional.of(FailurePolicy.tooLate(connection.remote()));
    }
    boolean isLast = connection.protocol() == Protocol.LMTP; // which delivers
    if (!offered.has(Extension.DELIVERBY)) {
      return isLast ? Optional.empty() : Optional.of(FailurePolicy.needsDeliverBy(connection.remote()));
    }
    long least = offered.leastDeliverBySeconds();
    return least > left ? Optional.of(FailurePolicy.tooSlow(left, least, connection.remote())) : Optional.empty();
  }

  /** Returns the BY parameter: what is left of the time. */
  Optional<DeliverBy> parameter() {
    return deadline.map(by -> new DeliverBy(Math.clamp(seconds(by), -MOST_SECONDS, MOST_SECONDS), by.mode(),
        by.isTraced()));
  }

  private long seconds(Handling.Deadline by) {
    return Duration.between(now, by.at()).toSeconds();
  }

  /** Whether the server is to report delays, because it does not know by when its sender wants to hear of them. */
  boolean needsReportOfDelay(Capabilities offered) {
    return !offered.has(Extension.DELIVERBY)
        && deadline.filter(by -> by.mode() == DeliverBy.Mode.NOTIFY && now.isBefore(by.at())).isPresent();
  }

  /** Returns what such a server is asked to report (RFC 2852 §4.1.4.2). */
  static NotifyOn withDelay(Optional<NotifyOn> asked) {
    if (asked.isEmpty()) {
      return NotifyOn.of(Condition.FAILURE, Condition.DELAY);
    }
    var conditions = EnumSet.of(Condition.DELAY);
    conditions.addAll(asked.get().conditions());
    return asked.get().equals(NotifyOn.NEVER) ? NotifyOn.NEVER : new NotifyOn(conditions);
  }
}
