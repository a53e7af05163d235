package org.posthorn.daemon.admin;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.posthorn.queue.QueueControl;
import org.posthorn.queue.QueueEntry;
import org.posthorn.queue.SpoolEntry;
import org.posthorn.queue.SpoolEvent;

/**
 * All that is known of a message.
 *
 * @param client who gave it to us
 * @param body what its content was declared to be
 * @param smtpUtf8 whether it needs SMTPUTF8
 * @param envelopeId the sender's own name for it
 * @param waiting those recipients that wait
 * @param done those that do not
 * @param events what the operator did, and what the sender was told
 */
public record MessageDetails(String id, Instant queuedAt, long bytes, String sender, String client, String body,
    boolean smtpUtf8, Optional<String> envelopeId, List<MessageView.RecipientView> waiting, List<Done> done,
    List<String> events) {
  /** A recipient that is done. */
  public record Done(String address, Instant at, String status, String text) {}

  public MessageDetails {
    waiting = List.copyOf(waiting);
    done = List.copyOf(done);
    events = List.copyOf(events);
  }

  static MessageDetails of(QueueControl.Details details) {
    var entry = details.entry();
    var message = entry.message();
    var envelope = message.envelope();
    var done = new ArrayList<Done>();
    var events = new ArrayList<String>();
    entry.events().forEach(event -> tell(entry, event, done, events));
    List<QueueEntry> waiting = details.waiting();
    return new MessageDetails(message.id().value(), message.queuedAt(), message.contentBytes(),
        envelope.from().toString(), envelope.client(), MessageView.word(envelope.body()), envelope.smtpUtf8(),
        envelope.envelopeId(), waiting.isEmpty() ? List.of() : MessageView.of(waiting).recipients(), done, events);
  }

  private static void tell(SpoolEntry entry, SpoolEvent event, List<Done> done, List<String> events) {
    var envelope = entry.message().envelope();
    switch (event) {
      case SpoolEvent.Finished(var recipient, var at, var status, var text) ->
        done.add(new Done(envelope.recipient(recipient).address().toString(), at, status.toString(), text));
      case SpoolEvent.DelayReported(var recipient, var at) ->
        events.add(at + " delay reported for " + envelope.recipient(recipient).address());
      case SpoolEvent.Held(var at) -> events.add(at + " held");
      case SpoolEvent.Released(var at) -> events.add(at + " released");
    }
  }
}
