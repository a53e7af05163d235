package org.posthorn.daemon.inbound;

import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.posthorn.smtp.Command;
import org.posthorn.smtp.CommandParser;
import org.posthorn.smtp.CommandText;
import org.posthorn.smtp.Reply;

/**
 * What is known of a transaction that broke off, or was completed while nobody knows whether its client heard that.
 *
 * @param at when that was
 * @param octets how many octets of content came, whole lines only
 * @param digest SHA-256 of them, in hexadecimal; {@code -} when completed, for they are gone
 * @param reply what the client was to hear in the end; empty when it broke off before
 * @param recipients those that were accepted
 */
record Checkpoint(Instant at, long octets, String digest, Optional<Reply> reply, List<Command.Rcpt> recipients) {
  Checkpoint {
    recipients = List.copyOf(recipients);
  }

  /** Returns what {@link #parse} reads. */
  List<String> lines() {
    var lines = new ArrayList<>(List.of(at + " " + octets + " " + digest, reply.map(Reply::toString).orElse("-")));
    recipients.forEach(rcpt -> lines.add(CommandText.rcpt(rcpt.to(), rcpt.parameters())));
    return lines;
  }

  /** Reads a checkpoint; empty when it is damaged. */
  static Optional<Checkpoint> parse(List<String> lines) {
    try {
      var first = lines.getFirst().split(" ", 3);
      var reply = lines.get(1).equals("-") ? Optional.<Reply>empty() : Optional.of(reply(lines.get(1)));
      var recipients = new ArrayList<Command.Rcpt>();
      for (var line : lines.subList(2, lines.size())) {
        if (!(CommandParser.parse(line) instanceof Command.Rcpt rcpt)) {
          return Optional.empty();
        }
        recipients.add(rcpt);
      }
      return Optional
          .of(new Checkpoint(Instant.parse(first[0]), Long.parseLong(first[1]), first[2], reply, recipients));
    } catch (DateTimeException | IllegalArgumentException | IndexOutOfBoundsException | NoSuchElementException _) {
      return Optional.empty();
    }
  }

  private static Reply reply(String text) {
    var parts = text.split(" ", 3);
    return Reply.of(Integer.parseInt(parts[0]), parts[1], parts[2]);
  }
}
