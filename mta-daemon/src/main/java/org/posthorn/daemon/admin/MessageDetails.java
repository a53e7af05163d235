package org.posthorn.daemon.admin;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.posthorn.queue.Envelope;
import org.posthorn.queue.Handling;
import org.posthorn.queue.QueueControl;
import org.posthorn.queue.QueueEntry;
import org.posthorn.queue.SpoolEntry;
import org.posthorn.queue.SpoolEvent;
import org.posthorn.smtp.Tracking;

/**
 * All that is known of a message.
 *
 * @param client who gave it to us
 * @param trace how it came, as its topmost {@code Received:} tells: protocol, TLS, and for whom; empty for what we wrote
 * @param body what its content was declared to be
 * @param smtpUtf8 whether it needs SMTPUTF8
 * @param envelopeId the sender's own name for it
 * @param releaseAt when its sender wants it sent on, before which it waits
 * @param deliverBy until when its sender wants it delivered, and what happens then: return or notify
 * @param priority how urgent it is, from -9 to 9
 * @param asked what else the sender asked for, a line each
 * @param waiting those recipients that wait
 * @param done those that do not
 * @param events what the operator did, and what the sender was told
 */
public record MessageDetails(String id, Instant queuedAt, long bytes, String sender, String client,
    Optional<String> trace,
    String body,
    boolean smtpUtf8, Optional<String> envelopeId, Optional<Instant> releaseAt, Optional<DeliverBy> deliverBy,
    int priority, List<String> asked,
    List<MessageView.RecipientView> waiting, List<Done> done,
    List<String> events) {
  /** A time to deliver by; {@code trace} tells whether handing on is reported. */
  public record DeliverBy(Instant at, String mode, boolean trace) {
    static DeliverBy of(Handling.Deadline deadline) {
      return new DeliverBy(deadline.at(), MessageView.word(deadline.mode()), deadline.isTraced());
    }
  }

  /** A recipient that is done. */
  public record Done(String address, Instant at, String status, String text) {}

  public MessageDetails {
    asked = List.copyOf(asked);
    waiting = List.copyOf(waiting);
    done = List.copyOf(done);
    events = List.copyOf(events);
  }

  static MessageDetails of(QueueControl.Details details, Optional<String> trace) {
    var entry = details.entry();
    var message = entry.message();
    var envelope = message.envelope();
    var done = new ArrayList<Done>();
    var events = new ArrayList<String>();
    entry.events().forEach(event -> tell(entry, event, done, events));
    List<QueueEntry> waiting = details.waiting();
    return new MessageDetails(message.id().value(), message.queuedAt(), message.contentBytes(),
        envelope.from().toString(), envelope.client(), trace, MessageView.word(envelope.body()), envelope.smtpUtf8(),
        envelope.dsn().envelopeId(),
        Optional.of(entry.startsAt()).filter(message.queuedAt()::isBefore),
        envelope.handling().deadline().map(DeliverBy::of), envelope.handling().urgency().value(), asked(envelope),
        waiting.isEmpty() ? List.of() : MessageView.of(waiting).recipients(), done, events);
  }

  private static List<String> asked(Envelope envelope) {
    var asked = new ArrayList<String>();
    var handling = envelope.handling();
    if (!handling.solicitations().isEmpty()) {
      asked.add("SOLICIT=" + String.join(",", handling.solicitations()));
    }
    switch (handling.tls()) {
      case USUAL -> {
        // nothing was asked for
      }
      case REQUIRED -> asked.add("REQUIRETLS");
      case WAIVED -> asked.add("TLS-Required: No");
    }
    handling.submitter().ifPresent(submitter -> asked.add("AUTH=" + submitter));
    handling.tracking().flatMap(Tracking::timeout).ifPresent(time -> asked.add("MTRK for " + time));
    envelope.recipients()
        .forEach(recipient -> recipient.validSince()
            .ifPresent(since -> asked.add("RRVS=" + since + " for " + recipient.address())));
    return asked;
  }

  private static void tell(SpoolEntry entry, SpoolEvent event, List<Done> done, List<String> events) {
    var envelope = entry.message().envelope();
    switch (event) {
      case SpoolEvent.Finished(var recipient, var at, var status, var text) ->
        done.add(new Done(envelope.recipient(recipient).address().toString(), at, status.toString(), text));
      case SpoolEvent.DelayReported(var recipient, var at) ->
        events.add(at + " delay reported for " + envelope.recipient(recipient).address());
      case SpoolEvent.Held(var at) -> events.add(at + " held");
      case SpoolEvent.ReleasedEarly(var at) -> events.add(at + " released early");
      case SpoolEvent.Released(var at) -> events.add(at + " released");
    }
  }
}
