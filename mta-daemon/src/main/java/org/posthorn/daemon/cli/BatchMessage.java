package org.posthorn.daemon.cli;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import org.posthorn.queue.MessageContent;
import org.posthorn.smtp.Command;
import org.posthorn.smtp.Reply;

/** A message of a batch while it is sent: what its envelope says, and what the server said to that. Used by one thread. */
final class BatchMessage {
  /** Enough for any header section that a server takes, and for what reports return. */
  private static final int MAX_KEPT = 1 << 20;

  /** A recipient whom the server will never take the message for. */
  record Refused(Command.Rcpt rcpt, Reply reply) {}

  private final Command.Mail mail;
  private final boolean isKnown;
  private final List<Command.Rcpt> taken = new ArrayList<>();
  private final List<Refused> refused = new ArrayList<>();
  private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
  private long octets;

  /** Begins with {@code mail}, of which the server knows or does not. */
  BatchMessage(Command.Mail mail, boolean isKnown) {
    this.mail = mail;
    this.isKnown = isKnown;
  }

  Command.Mail mail() {
    return mail;
  }

  /** Whether the server has taken MAIL. */
  boolean isKnown() {
    return isKnown;
  }

  /** Whether anybody is to get the message. */
  boolean hasRecipients() {
    return !taken.isEmpty();
  }

  /** Notes what the server said about a recipient: what it may take later is nobody's failure. */
  void answered(Command.Rcpt rcpt, Reply reply) {
    if (reply.isPositive()) {
      taken.add(rcpt);
    } else if (reply.isPermanent()) {
      refused.add(new Refused(rcpt, reply));
    }
  }

  /** Notes what the server said about the whole. */
  void ended(Reply reply) {
    if (reply.isPermanent()) {
      taken.forEach(rcpt -> refused.add(new Refused(rcpt, reply)));
    }
  }

  /** Returns who will never get it. */
  List<Refused> refused() {
    return List.copyOf(refused);
  }

  /** Notes a part of the content. */
  void add(byte[] part) {
    octets += part.length;
    kept.write(part, 0, Math.min(part.length, MAX_KEPT - kept.size()));
  }

  /** Returns the content, of which only the beginning can be read when it is long. */
  MessageContent content() {
    byte[] beginning = kept.toByteArray();
    long size = octets;
    return new MessageContent() {
      @Override
      public long size() {
        return size;
      }

      @Override
      public InputStream open() {
        return new ByteArrayInputStream(beginning);
      }
    };
  }
}
