package org.posthorn.delivery.mailbox;

import java.io.IOException;

/** One mailbox on disk. */
sealed interface MailStore permits Maildir, MboxFile {
  /** What became of an attempt to store a message. */
  enum Result {
    /** The message is on stable storage. */
    STORED,
    /** Another program has locked the mailbox; nothing was changed. */
    LOCKED
  }

  /**
   * Stores {@code copy} durably, making the mailbox first when there is none. Blocks for the disk. An exception means that
   * nothing of the message is in the mailbox.
   */
  Result store(LocalCopy copy) throws IOException;
}
