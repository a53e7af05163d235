package org.posthorn.daemon.cli;

import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import org.posthorn.daemon.admin.MessageView;
import org.posthorn.daemon.admin.MessageView.RecipientView;
import org.posthorn.smtp.Printable;

/** The queue as people read it, printed message by message, because it may be long. */
final class QueueTable {
  private static final String FORM = "%-16s  %7s  %8s  %s%n";

  private final PrintStream out;
  private final Instant now;
  private long messages;
  private long octets;

  QueueTable(PrintStream out, Instant now) {
    this.out = out;
    this.now = now;
  }

  /** Prints a message with its recipients. */
  void add(MessageView message) {
    if (messages == 0) {
      out.printf(Locale.ROOT, FORM, "ID", "AGE", "SIZE", "SENDER, RECIPIENTS");
    }
    messages++;
    octets += message.bytes();
    out.printf(Locale.ROOT, FORM, message.id(), Age.of(Duration.between(message.queuedAt(), now)),
        Size.of(message.bytes()), message.sender().isEmpty() ? "<>" : Printable.of(message.sender()));
    message.recipients().forEach(recipient -> out.println("    " + line(recipient, now)));
  }

  /** Prints how much that was; {@code none} when it was nothing. */
  void end(String none) {
    out.println(messages == 0
        ? none
        : messages + (messages == 1 ? " message, " : " messages, ")
            + Size.of(octets) + ".");
  }

  /** Returns what is known of a recipient that waits, on one line. */
  static String line(RecipientView recipient, Instant now) {
    var line = new StringBuilder("→ ").append(Printable.of(recipient.address())).append("  ").append(recipient.state());
    if (!recipient.destination().equals(recipient.address().substring(recipient.address().lastIndexOf('@') + 1))) {
      line.append(" for ").append(Printable.of(recipient.destination()));
    }
    if (!recipient.site().equals("open")) {
      line.append(" (destination ").append(recipient.site()).append(')');
    }
    if (recipient.attempts() > 0) {
      line.append(", ").append(recipient.attempts()).append(recipient.attempts() == 1 ? " attempt" : " attempts");
    }
    if (recipient.state().equals("deferred")) {
      line.append(", next in ").append(Age.of(Duration.between(now, recipient.due())));
    } else if (recipient.state().equals("scheduled")) {
      line.append(", goes at ")
          .append(recipient.due())
          .append(", in ")
          .append(Age.of(Duration.between(now, recipient.due())));
    }
    recipient.lastReply().ifPresent(reply -> line.append(": ").append(Printable.of(reply)));
    return line.toString();
  }
}
