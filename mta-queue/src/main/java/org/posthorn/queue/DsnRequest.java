package org.posthorn.queue;

import java.util.Optional;
import org.posthorn.smtp.ReturnContent;

/**
 * What the sender asked for in DSNs of the message as a whole; whom they are about, each {@link Recipient} says.
 *
 * @param ret how much of the content a DSN of failure returns (RFC 3461 §4.3)
 * @param envelopeId the sender's own name for this message, repeated in DSNs (RFC 3461 §4.4)
 */
public record DsnRequest(Optional<ReturnContent> ret, Optional<String> envelopeId) {
  /** Nothing was asked for. */
  public static final DsnRequest NONE = new DsnRequest(Optional.empty(), Optional.empty());
}
