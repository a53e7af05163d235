package org.posthorn.daemon.cli;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.posthorn.queue.MessageContent;
import org.posthorn.smtp.Command;
import org.posthorn.smtp.Reply;

/** A message of a batch while it is sent: what its envelope says, and what the server said to that. Used by one thread. */
final class BatchMessage implements AutoCloseable {
  /** Enough for any header section that a server takes, and for what reports return. */
  private static final int MAX_KEPT = 1 << 20;

  /** A recipient whom the server will never take the message for. */
  record Refused(Command.Rcpt rcpt, Reply reply) {}

  /** What the server has said to MAIL. */
  enum Standing {
    /** It knows of the message. */
    KNOWN,
    /** It does not now, and may another time. */
    LATER,
    /** It never will, or was not asked. */
    NEVER
  }

  /** A recipient, and the command that names it. */
  private record Asked(Command.Rcpt rcpt, String line) {}

  private final Command.Mail mail;
  private final String line;
  private final Standing standing;
  private final OutputStream copy;
  private final List<Asked> taken = new ArrayList<>();
  private final List<Refused> refused = new ArrayList<>();
  private final List<String> later = new ArrayList<>();
  private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
  private long octets;

  /** Begins with {@code mail}, which {@code line} says; {@code copy} gets the content too. */
  BatchMessage(Command.Mail mail, String line, Standing standing, OutputStream copy) {
    this.mail = mail;
    this.line = line;
    this.standing = standing;
    this.copy = copy;
  }

  Command.Mail mail() {
    return mail;
  }

  /** Whether the server has taken MAIL. */
  boolean isKnown() {
    return standing == Standing.KNOWN;
  }

  /** Whether anybody is to get the message. */
  boolean hasRecipients() {
    return !taken.isEmpty();
  }

  /** Notes what the server said about a recipient: what it may take later is nobody's failure. */
  void answered(Command.Rcpt rcpt, String command, Reply reply) {
    if (reply.isPositive()) {
      taken.add(new Asked(rcpt, command));
    } else if (reply.isPermanent()) {
      refused.add(new Refused(rcpt, reply));
    } else {
      later.add(command);
    }
  }

  /** Notes a recipient that the server was not asked about. */
  void notAsked(String command) {
    if (standing != Standing.NEVER) {
      later.add(command);
    }
  }

  /** Notes what the server said about the whole. */
  void ended(Reply reply) {
    if (reply.isPermanent()) {
      taken.forEach(asked -> refused.add(new Refused(asked.rcpt(), reply)));
    } else if (!reply.isPositive()) {
      notSent();
    }
  }

  /** Notes that the server, which has taken recipients, did not come to see the message. */
  void notSent() {
    taken.forEach(asked -> later.add(asked.line()));
  }

  /** Returns the commands for those who may get it another time; none when there are none. */
  List<String> later() {
    return later.isEmpty() ? List.of() : Stream.concat(Stream.of(line), later.stream()).toList();
  }

  /** Returns who will never get it. */
  List<Refused> refused() {
    return List.copyOf(refused);
  }

  /** Notes a part of the content. */
  void add(byte[] part) throws IOException {
    copy.write(part);
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

  /** Ends the copy of the content. */
  @Override
  public void close() throws IOException {
    copy.close();
  }
}
