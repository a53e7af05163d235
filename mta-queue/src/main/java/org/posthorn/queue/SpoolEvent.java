package org.posthorn.queue;

import java.time.Instant;
import org.posthorn.smtp.EnhancedStatus;

/** What happened to a message after it was queued, appended to its spool entry so that no crash repeats it. */
public sealed interface SpoolEvent {
  /** When it happened. */
  Instant at();

  /** The recipient is done: delivered, bounced, or removed by the operator. It is never tried again. */
  record Finished(RecipientNumber recipient, Instant at, EnhancedStatus status, String text) implements SpoolEvent {}

  /** The sender was told that this recipient's delivery takes long. */
  record DelayReported(RecipientNumber recipient, Instant at) implements SpoolEvent {}

  /** The operator put the message on hold. */
  record Held(Instant at) implements SpoolEvent {}

  /** The operator let the message go before the time that its sender had set. */
  record ReleasedEarly(Instant at) implements SpoolEvent {}

  /** The operator let the message go on. */
  record Released(Instant at) implements SpoolEvent {}
}
