package org.posthorn.queue;

import java.util.List;
import org.posthorn.smtp.BodyType;
import org.posthorn.smtp.ReversePath;

/**
 * What a message is delivered by, apart from its content (RFC 5321 §2.3.1).
 *
 * @param from where failures are reported to
 * @param recipients who is to get it, at least one; a {@link RecipientNumber} counts in this list
 * @param body what the content was declared to be
 * @param smtpUtf8 whether the next hop must speak SMTPUTF8 (RFC 6531)
 * @param dsn what the sender wants DSNs to say and return
 * @param client who gave us the message, as the log shows it: {@code name[address]}, or {@code local}
 * @param handling what else the sender asked for
 */
public record Envelope(ReversePath from, List<Recipient> recipients, BodyType body, boolean smtpUtf8, DsnRequest dsn,
    String client, Handling handling) {
  /** An envelope whose sender asked for nothing else. */
  public Envelope(ReversePath from, List<Recipient> recipients, BodyType body, boolean smtpUtf8, String client) {
    this(from, recipients, body, smtpUtf8, DsnRequest.NONE, client, Handling.PLAIN);
  }

  public Envelope {
    recipients = List.copyOf(recipients);
    if (recipients.isEmpty()) {
      throw new IllegalArgumentException("an envelope without recipients");
    }
  }

  /** Returns the same, handled otherwise. */
  public Envelope with(Handling other) {
    return new Envelope(from, recipients, body, smtpUtf8, dsn, client, other);
  }

  /** Returns the same for content that is another. */
  public Envelope with(BodyType other) {
    return new Envelope(from, recipients, other, smtpUtf8, dsn, client, handling);
  }

  /** Returns the same for others, or for the same of whom something else is known. */
  public Envelope with(List<Recipient> others) {
    return new Envelope(from, others, body, smtpUtf8, dsn, client, handling);
  }

  /** Returns the recipient with {@code number}. */
  public Recipient recipient(RecipientNumber number) {
    return recipients.get(number.value());
  }
}
