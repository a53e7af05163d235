package org.posthorn.queue;

import java.util.List;
import java.util.Optional;
import org.posthorn.smtp.BodyType;
import org.posthorn.smtp.ReturnContent;
import org.posthorn.smtp.ReversePath;

/**
 * What a message is delivered by, apart from its content (RFC 5321 §2.3.1).
 *
 * @param from where failures are reported to
 * @param recipients who is to get it, at least one; a {@link RecipientNumber} counts in this list
 * @param body what the content was declared to be
 * @param smtpUtf8 whether the next hop must speak SMTPUTF8 (RFC 6531)
 * @param ret how much of the content a DSN of failure returns (RFC 3461 §4.3)
 * @param envelopeId the sender's own name for this message, repeated in DSNs (RFC 3461 §4.4)
 * @param client who gave us the message, as the log shows it: {@code name[address]}, or {@code local}
 * @param handling what else the sender asked for
 */
public record Envelope(ReversePath from, List<Recipient> recipients, BodyType body, boolean smtpUtf8,
    Optional<ReturnContent> ret, Optional<String> envelopeId, String client,
    Handling handling) {
  /** An envelope whose sender asked for nothing else. */
  public Envelope(ReversePath from, List<Recipient> recipients, BodyType body, boolean smtpUtf8,
      Optional<ReturnContent> ret, Optional<String> envelopeId, String client) {
    this(from, recipients, body, smtpUtf8, ret, envelopeId, client, Handling.PLAIN);
  }

  public Envelope {
    recipients = List.copyOf(recipients);
    if (recipients.isEmpty()) {
      throw new IllegalArgumentException("an envelope without recipients");
    }
  }

  /** Returns the same, handled otherwise. */
  public Envelope with(Handling other) {
    return new Envelope(from, recipients, body, smtpUtf8, ret, envelopeId, client, other);
  }

  /** Returns the same for content that is another. */
  public Envelope with(BodyType other) {
    return new Envelope(from, recipients, other, smtpUtf8, ret, envelopeId, client, handling);
  }

  /** Returns the same for recipients of whom something else is known. */
  public Envelope with(List<Recipient> others) {
    return new Envelope(from, others, body, smtpUtf8, ret, envelopeId, client, handling);
  }

  /** Returns the recipient with {@code number}. */
  public Recipient recipient(RecipientNumber number) {
    return recipients.get(number.value());
  }
}
