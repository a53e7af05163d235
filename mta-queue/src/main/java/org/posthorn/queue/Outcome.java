package org.posthorn.queue;

import java.util.Optional;
import org.posthorn.smtp.EnhancedStatus;

/** What became of one recipient in one delivery attempt. */
public sealed interface Outcome {
  /** Why, and by whom. */
  Diagnostic diagnostic();

  /**
   * Enough to log the attempt and to fill the per-recipient fields of a DSN (RFC 3464 §2.3).
   *
   * @param status the enhanced status
   * @param text the reply of {@code remote} on one line, code first, when {@code isReply}; else our own words
   * @param isReply whether {@code text} is what the remote server said
   * @param remote the server that the attempt reached, if any
   */
  record Diagnostic(EnhancedStatus status, String text, boolean isReply, Optional<RemoteMta> remote) {
    /** Returns a diagnostic in our own words, without a server. */
    public static Diagnostic ours(String status, String text) {
      return new Diagnostic(EnhancedStatus.of(status), text, false, Optional.empty());
    }
  }

  /** Where the message went when it was taken. */
  enum Handover {
    /** Into a mailbox: delivered, as RFC 3464 §2.3.3 has it. */
    MAILBOX,
    /** To a server that speaks DSN and will report further (RFC 3461 §5.2.1). */
    NEXT_HOP_WITH_DSN,
    /** To a server that does not: relayed, and nothing more will be heard (RFC 3461 §5.2.2). */
    NEXT_HOP
  }

  /**
   * Someone else took responsibility for the message.
   *
   * @param knowsDeadline whether the next hop was told by when to deliver it (RFC 2852 §4.1.4)
   * @param isTracked whether whoever sent it can ask there what becomes of it (RFC 3885)
   */
  record Delivered(Diagnostic diagnostic, Handover handover, boolean knowsDeadline, boolean isTracked)
      implements
        Outcome {
    /** Taken by someone who was told nothing but the message. */
    public Delivered(Diagnostic diagnostic, Handover handover) {
      this(diagnostic, handover, false, false);
    }
  }

  /** May succeed later: 4yz, no connection, no DNS answer, or a fault of our own. */
  record Deferred(Diagnostic diagnostic) implements Outcome {}

  /** Will never succeed: 5yz, no such domain, or a null MX (RFC 7505). */
  record Failed(Diagnostic diagnostic) implements Outcome {}
}
