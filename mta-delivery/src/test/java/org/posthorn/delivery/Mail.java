package org.posthorn.delivery;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.posthorn.queue.DeliveryTask;
import org.posthorn.queue.DsnRequest;
import org.posthorn.queue.Envelope;
import org.posthorn.queue.Handling;
import org.posthorn.queue.Handling.TlsWish;
import org.posthorn.queue.MessageContent;
import org.posthorn.queue.QueueId;
import org.posthorn.queue.QueuedMessage;
import org.posthorn.queue.Recipient;
import org.posthorn.queue.RecipientNumber;
import org.posthorn.smtp.BodyType;
import org.posthorn.smtp.Mailbox;
import org.posthorn.smtp.Priority;
import org.posthorn.smtp.ReturnContent;
import org.posthorn.smtp.ReversePath;

/**
 * A message to deliver in a test, from {@code sender@origin.example}.
 *
 * @param recipients who is to get it
 * @param content what it is
 * @param body what it was declared to be
 * @param smtpUtf8 whether it came by SMTPUTF8
 * @param ret its RET parameter
 * @param envelopeId its ENVID parameter
 * @param handling what else was asked for
 * @param from who sends it
 */
record Mail(List<Recipient> recipients, byte[] content, BodyType body, boolean smtpUtf8, Optional<ReturnContent> ret,
    Optional<String> envelopeId, Handling handling, ReversePath from) {
  static final String SHORT = "Subject: hello\r\n\r\nHello.\r\n";

  /** Returns a short message to {@code recipients}. */
  static Mail to(String... recipients) {
    return new Mail(List.of(recipients).stream().map(Mailbox::of).map(Recipient::of).toList(),
        SHORT.getBytes(StandardCharsets.US_ASCII), BodyType.SEVEN_BIT, false, Optional.empty(), Optional.empty(),
        Handling.PLAIN, ReversePath.of(Mailbox.of("sender@origin.example")));
  }

  Mail withContent(String text) {
    return new Mail(recipients, text.getBytes(StandardCharsets.UTF_8), body, smtpUtf8, ret, envelopeId, handling, from);
  }

  Mail withBody(BodyType type) {
    return new Mail(recipients, content, type, smtpUtf8, ret, envelopeId, handling, from);
  }

  Mail withSmtpUtf8() {
    return new Mail(recipients, content, body, true, ret, envelopeId, handling, from);
  }

  Mail withDsn(ReturnContent wanted, String id) {
    return new Mail(recipients, content, body, smtpUtf8, Optional.of(wanted), Optional.of(id), handling, from);
  }

  Mail withHandling(Optional<Handling.Deadline> deadline, Optional<Priority> priority) {
    return new Mail(recipients, content, body, smtpUtf8, ret, envelopeId, new Handling(deadline, Optional.empty(),
        priority, Handling.TlsWish.USUAL, List.of(), Optional.empty(), Optional.empty()), from);
  }

  Mail withRecipients(Recipient... others) {
    return new Mail(List.of(others), content, body, smtpUtf8, ret, envelopeId, handling, from);
  }

  Mail withTls(TlsWish wish) {
    return new Mail(recipients, content, body, smtpUtf8, ret, envelopeId, handling.with(wish), from);
  }

  Mail fromNobody() {
    return new Mail(recipients, content, body, smtpUtf8, ret, envelopeId, handling, ReversePath.NULL);
  }

  Mail withHandling(Handling wanted) {
    return new Mail(recipients, content, body, smtpUtf8, ret, envelopeId, wanted, from);
  }

  /** Returns the task of delivering it to all of its recipients by {@code route}. */
  DeliveryTask task(Route route) {
    return task(route, new MessageContent() {
      @Override
      public long size() {
        return content.length;
      }

      @Override
      public InputStream open() {
        return new ByteArrayInputStream(content);
      }
    });
  }

  DeliveryTask task(Route route, MessageContent source) {
    var envelope = new Envelope(from, recipients, body, smtpUtf8, new DsnRequest(ret, envelopeId), "local", handling);
    var numbers = new ArrayList<RecipientNumber>();
    for (int i = 0; i < recipients.size(); i++) {
      numbers.add(new RecipientNumber(i));
    }
    var message = new QueuedMessage(new QueueId("0000000000000001"), Instant.EPOCH, envelope, source.size());
    return new DeliveryTask(message, numbers, route.destination(), source);
  }
}
