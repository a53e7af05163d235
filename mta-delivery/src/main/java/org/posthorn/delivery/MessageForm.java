package org.posthorn.delivery;

import java.util.OptionalLong;
import org.posthorn.queue.DeliveryTask;
import org.posthorn.queue.Envelope;
import org.posthorn.smtp.Capabilities;
import org.posthorn.smtp.Capabilities.Extension;
import org.posthorn.smtp.MailParameters;

/** Brings a message into the form that a server takes. Used by one thread, for one task. */
final class MessageForm {
  private final DeliveryTask task;

  MessageForm(DeliveryTask task) {
    this.task = task;
  }

  /** Returns the message for the recipients that are open in {@code ledger}; settles those for whom it has no form. */
  Outgoing fit(SmtpConnection connection, Ledger ledger) {
    Capabilities offered = connection.capabilities();
    Envelope envelope = task.message().envelope();
    var content = task.content();
    if (offered.maxSize().isPresent() && content.size() > offered.maxSize().getAsLong()) {
      ledger.settleAll(FailurePolicy.tooLarge(content.size(), offered.maxSize().getAsLong(), connection.remote()));
    }
    var parameters = new MailParameters(OptionalLong.of(content.size()), envelope.body(),
        envelope.smtpUtf8() && offered.has(Extension.SMTPUTF8), envelope.ret(), envelope.envelopeId())
        .offeredBy(offered);
    return new Outgoing(envelope, parameters, ledger.open(), content);
  }
}
