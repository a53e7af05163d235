package org.posthorn.queue;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.posthorn.smtp.DeliverBy;

/**
 * What the times of a {@link RetrySchedule} mean for one message.
 *
 * @param since what they are counted from
 * @param hasSender whether anybody can be told of what happens to it
 * @param deadline until when its sender wants it delivered (RFC 2852)
 */
public record Lifespan(Instant since, boolean hasSender, Optional<Handling.Deadline> deadline) {
  /** How long before a message has to be returned it is tried once more, unless it has a shorter time. */
  private static final Duration LAST_MARGIN = Duration.ofSeconds(30);

  /** Returns that of a message and what has happened to it. */
  static Lifespan of(SpoolEntry entry) {
    var envelope = entry.message().envelope();
    return new Lifespan(entry.startsAt(), !envelope.from().isNull(), envelope.handling().deadline());
  }

  /** Returns that of a message to which nothing has happened yet. */
  static Lifespan of(QueuedMessage message) {
    return of(new SpoolEntry(message, List.of()));
  }

  /** Returns when it must have been delivered, or goes back (RFC 2852 §4.1.3, R). */
  Optional<Instant> returnAt() {
    return at(DeliverBy.Mode.RETURN);
  }

  /** Returns when its sender wants to hear that it is not delivered yet (RFC 2852 §4.1.3, N). */
  Optional<Instant> notifyAt() {
    return at(DeliverBy.Mode.NOTIFY);
  }

  private Optional<Instant> at(DeliverBy.Mode mode) {
    return deadline.filter(by -> by.mode() == mode).map(Handling.Deadline::at);
  }

  /** Whether no attempt may begin any more. */
  boolean isOver(Instant now) {
    return returnAt().filter(at -> !now.isBefore(at)).isPresent();
  }

  /** Returns when it is tried the last time before it has to be returned; after {@code now}, or empty. */
  Optional<Instant> lastChance(Instant now) {
    return returnAt().map(at -> at.minus(margin(at))).filter(now::isBefore);
  }

  private Duration margin(Instant at) {
    Duration quarter = Duration.between(since, at).dividedBy(4);
    return quarter.compareTo(LAST_MARGIN) < 0 ? quarter : LAST_MARGIN;
  }
}
