package org.posthorn.smtp;

import java.util.Optional;

/**
 * The parameters of RCPT (RFC 3461 §4.1, §4.2).
 *
 * @param notifyOn when to send a DSN; empty leaves it to the server, which then reports failures and delays
 * @param original the recipient as the sender wrote it
 */
public record RcptParameters(Optional<NotifyOn> notifyOn, Optional<OriginalRecipient> original) {
  /** A RCPT without parameters. */
  public static final RcptParameters NONE = new RcptParameters(Optional.empty(), Optional.empty());

  /** Returns these if {@code server} has DSN, and else none. */
  public RcptParameters offeredBy(Capabilities server) {
    return server.has(Capabilities.Extension.DSN) ? this : NONE;
  }
}
