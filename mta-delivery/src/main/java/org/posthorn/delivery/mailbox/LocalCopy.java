package org.posthorn.delivery.mailbox;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.posthorn.queue.MessageContent;
import org.posthorn.smtp.Mailbox;
import org.posthorn.smtp.ReversePath;

/**
 * A message on its way into one mailbox.
 *
 * @param content header section and body, as queued
 * @param from the reverse-path
 * @param to the recipient, as the envelope has it
 */
record LocalCopy(MessageContent content, ReversePath from, Mailbox to) {
  /** Our own spool failed, and not the mailbox. */
  static final class UnreadableException extends IOException {
    private static final long serialVersionUID = 1;

    UnreadableException(IOException cause) {
      super(cause);
    }
  }

  /** Opens the content; whatever fails to read it is an {@link UnreadableException}. */
  InputStream open() throws UnreadableException {
    try {
      return new Source(content.open());
    } catch (IOException e) {
      throw new UnreadableException(e);
    }
  }

  private static final class Source extends FilterInputStream {
    Source(InputStream in) {
      super(in);
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws UnreadableException {
      try {
        return in.read(bytes, offset, length);
      } catch (IOException e) {
        throw new UnreadableException(e);
      }
    }
  }

  /** Returns the fields that final delivery puts on top (RFC 5321 §4.4), lines ending in LF. */
  byte[] trace() {
    return String.format(Locale.ROOT, "Return-Path: <%s>\nDelivered-To: %s\n", from, to)
        .getBytes(StandardCharsets.UTF_8);
  }
}
