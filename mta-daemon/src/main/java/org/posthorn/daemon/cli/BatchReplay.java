package org.posthorn.daemon.cli;

import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.posthorn.daemon.cli.BatchMessage.Standing;
import org.posthorn.queue.Dsn;
import org.posthorn.smtp.Command;
import org.posthorn.smtp.CommandParser;
import org.posthorn.smtp.CommandText;
import org.posthorn.smtp.ForwardPath;
import org.posthorn.smtp.MailOptions;
import org.posthorn.smtp.MailParameters;
import org.posthorn.smtp.RcptParameters;
import org.posthorn.smtp.Reply;
import org.posthorn.smtp.ReversePath;

/**
 * Says to a server what a batch holds (RFC 2442), and tells what became of each message. A recipient that is refused does
 * not keep the others from the message. Used by one thread.
 */
final class BatchReplay implements AutoCloseable {
  private static final int CLOSING = 421;

  /** Where sessions come from, greeted already. */
  @FunctionalInterface
  interface Sessions {
    SmtpSubmission open() throws IOException;
  }

  /** Somebody who is told what became of the messages. */
  interface Witness {
    /** The message of this number is the server's. */
    void taken(int message, Reply reply);

    /** Part of the message, or all of it, was refused: {@code what} is the command. */
    void refused(int message, int line, String what, Reply reply);

    /** Returns what the sender is to be told of recipients who will never get the message, if anything. */
    Optional<Dsn> report(BatchMessage message);

    /** What the server said to that report on a message. */
    void reported(int message, Dsn report, Reply reply);
  }

  private final BatchInput batch;
  private final Sessions sessions;
  private final Witness witness;
  private final BatchRest rest;
  private final int skipped;
  private Optional<SmtpSubmission> session = Optional.empty();
  private Optional<BatchMessage> underway = Optional.empty();
  private int messages;

  /** Replays {@code batch} but for its first {@code skipped} messages; {@code rest} keeps what may be taken another time. */
  BatchReplay(BatchInput batch, Sessions sessions, Witness witness, BatchRest rest, int skipped) {
    this.batch = batch;
    this.sessions = sessions;
    this.witness = witness;
    this.rest = rest;
    this.skipped = skipped;
  }

  /** Returns how many messages have been dealt with, the ones skipped included. */
  int done() {
    return messages;
  }

  /** Goes through the batch to its end; throws {@link Failure} where it is no batch, IOException when the server is lost. */
  void run() throws IOException {
    for (var line = batch.line(); line.isPresent(); line = batch.line()) {
      if (!line.text().isEmpty() && !perform(line.text())) {
        return;
      }
    }
    if (underway.isPresent()) {
      throw broken("the batch ends in the middle of a message");
    }
  }

  /** Whether more may follow. */
  private boolean perform(String line) throws IOException {
    var utf8 = new String(line.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    switch (CommandParser.parse(utf8)) {
      case Command.Helo _,Command.Ehlo _,Command.Rset _ -> drop(); // RFC 2442: every syntactically valid EHLO is right
      case Command.Mail mail -> mail(mail, utf8);
      case Command.Rcpt rcpt -> rcpt(rcpt, utf8);
      case Command.Data _ -> data();
      case Command.Noop _,Command.Vrfy _,Command.Expn _,Command.Help _ -> {
        // nobody would hear the answer
      }
      case Command.Quit _ -> {
        return false;
      }
      case Command.Unusable(var reply) -> throw broken(reply.toString());
      default -> throw broken("this command has no place in a batch: " + utf8);
    }
    return true;
  }

  private void mail(Command.Mail mail, String line) throws IOException {
    if (underway.isPresent()) {
      throw broken("MAIL in the middle of a message");
    }
    var standing = isWanted() ? said(line).map(BatchReplay::standing).orElse(Standing.LATER) : Standing.NEVER;
    var copy = standing == Standing.NEVER ? OutputStream.nullOutputStream() : rest.begin();
    underway = Optional.of(new BatchMessage(mail, line, standing, copy));
  }

  private static Standing standing(Reply reply) {
    if (reply.isPositive()) {
      return Standing.KNOWN;
    }
    return reply.isPermanent() ? Standing.NEVER : Standing.LATER;
  }

  private void rcpt(Command.Rcpt rcpt, String line) throws IOException {
    var message = underway.orElseThrow(() -> broken("RCPT before MAIL"));
    var reply = message.isKnown() ? said(line) : Optional.<Reply>empty();
    reply.ifPresentOrElse(said -> message.answered(rcpt, line, said), () -> message.notAsked(line));
  }

  /** RFC 2442: DATA is right even when no recipient is. */
  private void data() throws IOException {
    var message = underway.orElseThrow(() -> broken("DATA before MAIL"));
    if (session.isPresent() && message.hasRecipients()) {
      send(session.get(), message);
    } else {
      copy(OutputStream.nullOutputStream(), message);
      message.notSent();
      drop();
    }
    underway = Optional.empty();
    messages++;
    message.close();
    rest.keep(message.later());
    var report = witness.report(message);
    if (report.isPresent()) {
      witness.reported(messages, report.get(), send(report.get()));
    }
  }

  private void send(SmtpSubmission server, BatchMessage message) throws IOException {
    int begin = batch.lines();
    var reply = server.data(out -> copy(out, message));
    if (batch.lines() == begin) { // the server did not want to see it
      copy(OutputStream.nullOutputStream(), message);
      if (reply.code() != CLOSING) {
        drop();
      }
    }
    message.ended(reply);
    if (reply.isPositive()) {
      witness.taken(messages + 1, reply);
    } else {
      refused("DATA", reply);
    }
  }

  /** Sends a report from nobody, which nothing is reported about (RFC 3461 §6.1). */
  private Reply send(Dsn report) throws IOException {
    var server = open();
    var commands = new ArrayList<String>();
    commands.add(CommandText.mail(ReversePath.NULL, new MailParameters(OptionalLong.of(report.content().length),
        report.body(), report.smtpUtf8(), Optional.empty(), Optional.empty(), MailOptions.NONE)
        .offeredBy(server.capabilities())));
    report.to().forEach(to -> commands.add(CommandText.rcpt(new ForwardPath.To(to), RcptParameters.NONE)));
    for (var command : commands) {
      var reply = server.command(command);
      if (!reply.isPositive()) {
        server.command("RSET");
        return reply;
      }
    }
    return server.data(out -> {
      out.write(report.content());
      return report.content().length;
    });
  }

  private boolean isWanted() {
    return messages >= skipped;
  }

  /** Returns what the server says; empty when it closed in the middle of this message. */
  private Optional<Reply> said(String line) throws IOException {
    if (session.isEmpty() && underway.isPresent()) {
      return Optional.empty();
    }
    var reply = open().command(line);
    if (!reply.isPositive()) {
      refused(line, reply);
    }
    return Optional.of(reply);
  }

  private void refused(String what, Reply reply) throws IOException {
    witness.refused(messages + 1, batch.lines(), what, reply);
    if (reply.code() == CLOSING) {
      leave(); // the next message gets a session of its own
    }
  }

  private SmtpSubmission open() throws IOException {
    var open = session.isPresent() ? session.get() : sessions.open();
    session = Optional.of(open);
    return open;
  }

  private void drop() throws IOException {
    if (underway.filter(BatchMessage::isKnown).isPresent() && session.isPresent()) {
      session.get().command("RSET");
    }
    forget();
  }

  private void forget() throws IOException {
    if (underway.isPresent()) {
      underway.get().close();
      underway = Optional.empty();
    }
  }

  /** Copies a message up to its dot; without one there is no message, and the server must see no end either. */
  private long copy(OutputStream out, BatchMessage message) throws IOException {
    long octets = 0;
    for (var line = batch.line(); line.isPresent(); line = batch.line()) {
      if (line.text().equals(".")) {
        return octets;
      }
      var text = line.text().startsWith(".") ? line.text().substring(1) : line.text();
      byte[] part = (text + "\r\n").getBytes(StandardCharsets.ISO_8859_1);
      message.add(part);
      out.write(part);
      octets += text.length() + 2;
    }
    session.ifPresent(SmtpSubmission::leave);
    session = Optional.empty();
    throw new EOFException("the batch ends in the middle of message " + (messages + 1) + ", which was not sent");
  }

  private Failure broken(String why) {
    return Failure.of("line " + batch.lines() + " of the batch: " + why);
  }

  @Override
  public void close() throws IOException {
    forget();
    rest.end();
    leave();
  }

  private void leave() throws IOException {
    if (session.isPresent()) {
      session.get().close();
      session = Optional.empty();
    }
  }

  /** Returns what {@code batch} needs and the server does not offer (RFC 2442). */
  static List<String> missing(BatchInput batch, SmtpSubmission server) {
    var offered = server.capabilities().keywords().keySet();
    return batch.extensions()
        .stream()
        .flatMap(name -> name.equals("NOTARY") ? Stream.of("DSN") : Stream.of(name))
        .filter(name -> !offered.contains(name))
        .toList();
  }
}
