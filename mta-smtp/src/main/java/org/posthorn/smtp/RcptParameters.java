package org.posthorn.smtp;

import java.util.Optional;

/**
 * The parameters of RCPT (RFC 3461 §4.1, §4.2).
 *
 * @param notifyOn when to send a DSN; empty leaves it to the server, which then reports failures and delays
 * @param original the recipient as the sender wrote it
 * @param validSince since when the mailbox must have had the same owner (RFC 7293)
 */
public record RcptParameters(Optional<NotifyOn> notifyOn, Optional<OriginalRecipient> original,
    Optional<ValidSince> validSince) {
  /** A RCPT without parameters. */
  public static final RcptParameters NONE = new RcptParameters(Optional.empty(), Optional.empty());

  /** Wishes for DSNs alone. */
  public RcptParameters(Optional<NotifyOn> notifyOn, Optional<OriginalRecipient> original) {
    this(notifyOn, original, Optional.empty());
  }

  /** Returns these without the ones for which {@code server} lacks the extension. */
  public RcptParameters offeredBy(Capabilities server) {
    boolean dsn = server.has(Capabilities.Extension.DSN);
    return new RcptParameters(notifyOn.filter(_ -> dsn), original.filter(_ -> dsn),
        validSince.filter(_ -> server.has(Capabilities.Extension.RRVS)));
  }
}
