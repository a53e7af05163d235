package org.posthorn.delivery;

import java.util.List;
import org.posthorn.queue.Envelope;
import org.posthorn.queue.MessageContent;
import org.posthorn.queue.RecipientNumber;
import org.posthorn.smtp.MailParameters;

/**
 * A message in the form that suits one server.
 *
 * @param envelope who sent it, and who is who among the recipients
 * @param parameters those of MAIL
 * @param recipients whom to name to this server
 * @param content what to send
 * @param wantsReportOfDelay whether this server is asked for one (RFC 2852 §4.1.4.2)
 */
record Outgoing(Envelope envelope, MailParameters parameters, List<RecipientNumber> recipients,
    MessageContent content, boolean wantsReportOfDelay) {
  Outgoing {
    recipients = List.copyOf(recipients);
  }
}
