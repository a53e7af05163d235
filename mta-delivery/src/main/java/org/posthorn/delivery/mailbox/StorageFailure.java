package org.posthorn.delivery.mailbox;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.util.Optional;
import org.posthorn.queue.Outcome;
import org.posthorn.queue.Outcome.Diagnostic;

/** Says what a failure to write a mailbox means for the message: always a deferral, for every cause can be mended. */
final class StorageFailure {
  private static final String OVER_QUOTA = "4.2.2"; // RFC 3463 §3.3: mailbox full
  private static final String CANNOT_STORE = "4.3.1"; // RFC 3463 §3.4: mail system full
  private static final String OUR_FAULT = "4.3.0";

  private StorageFailure() {}

  /** Returns the outcome for a recipient. It does not tell the sender where mailboxes lie; the log does. */
  static Outcome outcomeOf(IOException cause) {
    if (cause instanceof LocalCopy.UnreadableException) {
      return new Outcome.Deferred(Diagnostic.ours(OUR_FAULT, "the message could not be read from our spool"));
    }
    String reason = reasonOf(cause);
    if (reason.contains("quota")) {
      return new Outcome.Deferred(Diagnostic.ours(OVER_QUOTA, "the mailbox is full"));
    }
    if (reason.contains("No space left")) {
      return new Outcome.Deferred(Diagnostic.ours(CANNOT_STORE, "no space left to store the message"));
    }
    String why = cause instanceof AccessDeniedException || reason.contains("Permission denied")
        ? "no permission to write to the mailbox"
        : "the mailbox cannot be written to";
    return new Outcome.Deferred(Diagnostic.ours(CANNOT_STORE, why));
  }

  private static String reasonOf(IOException cause) {
    String reason = cause instanceof FileSystemException failure ? failure.getReason() : cause.getMessage();
    return Optional.ofNullable(reason).orElse("");
  }
}
