package org.posthorn.delivery;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.posthorn.queue.Outcome;
import org.posthorn.queue.Outcome.Handover;
import org.posthorn.queue.RecipientNumber;
import org.posthorn.smtp.Capabilities;
import org.posthorn.smtp.Capabilities.Extension;
import org.posthorn.smtp.CommandText;
import org.posthorn.smtp.ForwardPath;
import org.posthorn.smtp.RcptParameters;
import org.posthorn.smtp.Reply;
import org.posthorn.smtp.ReplyException;

/**
 * One mail transaction: MAIL, RCPT for each recipient, then the message by DATA or BDAT (RFC 5321 §3.3, RFC 3030).
 *
 * <p>With PIPELINING everything up to DATA goes out as one batch and the replies are read strictly in order (RFC 2920
 * §3.1); a small message by BDAT goes along with it (RFC 3030 §4.2). Whatever is known of a recipient is in the ledger at once,
 * so that it is not lost with the connection.
 */
final class Transaction {
  private static final int GO_AHEAD = 354;

  private final SmtpConnection connection;
  private final Outgoing outgoing;
  private final Ledger ledger;
  private final Payload payload;
  private final Capabilities offered;
  private final List<RecipientNumber> accepted = new ArrayList<>();

  /** Prepares to send {@code outgoing}, whose recipients are all open in {@code ledger}. */
  Transaction(SmtpConnection connection, Outgoing outgoing, Ledger ledger) throws UnreadableContent {
    this.connection = connection;
    this.outgoing = outgoing;
    this.ledger = ledger;
    this.payload = Payload.of(outgoing.content());
    this.offered = connection.capabilities();
  }

  /**
   * Runs it. A recipient of the message that is still open afterwards was put off by the server to a further transaction.
   *
   * @throws IOException when the dialogue cannot go on; the stage of the connection says where it broke
   */
  void run() throws IOException {
    boolean needsReset = connection.beginTransaction();
    if (isPipelined()) {
      sendAhead(needsReset);
    }
    if (needsReset) {
      reset();
    }
    boolean mail = mail();
    boolean rcpt = rcpt(mail);
    if (!rcpt) {
      giveUp();
    } else if (isChunked()) {
      chunk();
    } else {
      data();
    }
  }

  private boolean isPipelined() {
    return offered.has(Extension.PIPELINING);
  }

  private boolean isChunked() {
    return offered.has(Extension.CHUNKING);
  }

  /** Whether the message itself is sent ahead: it is so small that it does no harm when nobody wants it. */
  private boolean isContentAhead() {
    return isPipelined() && isChunked() && payload.isSmall();
  }

  private void sendAhead(boolean needsReset) throws IOException {
    if (needsReset) {
      connection.send("RSET");
    }
    connection.send(mailLine());
    for (var recipient : outgoing.recipients()) {
      connection.send(rcptLine(recipient));
    }
    if (isContentAhead()) {
      sendChunk();
    } else if (!isChunked()) {
      connection.send("DATA");
    }
  }

  private void reset() throws IOException {
    if (!isPipelined()) {
      connection.send("RSET");
    }
    Reply reply = connection.receive(Stage.RESET, connection.timeouts().command());
    if (!reply.isPositive()) {
      throw new ReplyException("RSET was answered by " + reply);
    }
  }

  private boolean mail() throws IOException {
    if (!isPipelined()) {
      connection.send(mailLine());
    }
    Reply reply = connection.receive(Stage.MAIL, connection.timeouts().command());
    if (reply.isPositive()) {
      return true;
    }
    var outcome = FailurePolicy.refused(Stage.MAIL, reply, connection.remote());
    outgoing.recipients().forEach(recipient -> ledger.settle(recipient, outcome));
    return false;
  }

  /** Returns whether the server wants the message for anyone. */
  private boolean rcpt(boolean hasSender) throws IOException {
    if (!hasSender && !isPipelined()) {
      return false;
    }
    for (var recipient : outgoing.recipients()) {
      if (!isPipelined()) {
        connection.send(rcptLine(recipient));
      }
      Reply reply = connection.receive(Stage.RCPT, connection.timeouts().command());
      if (hasSender) {
        note(recipient, reply);
      }
    }
    return !accepted.isEmpty();
  }

  private void note(RecipientNumber recipient, Reply reply) {
    if (reply.isPositive()) {
      accepted.add(recipient);
    } else if (!FailurePolicy.isTooManyRecipients(reply, !accepted.isEmpty())) {
      ledger.settle(recipient, FailurePolicy.refused(Stage.RCPT, reply, connection.remote()));
    }
  }

  /** Ends a transaction that no recipient is left in. */
  private void giveUp() throws IOException {
    connection.abandonTransaction();
    if (isContentAhead()) {
      Reply _ = connection.receive(Stage.END, connection.timeouts().dataEnd());
      // A server that did not skip the chunk takes its lines for commands: whose replies follow is anyone's guess.
      connection.retire();
    } else if (isPipelined() && !isChunked()) {
      Reply reply = connection.receive(Stage.DATA, connection.timeouts().dataStart());
      if (reply.code() == GO_AHEAD) {
        connection.send("."); // RFC 2920 §3.1
        Reply _ = connection.receive(Stage.END, connection.timeouts().dataEnd());
      }
    }
  }

  private void data() throws IOException {
    if (!isPipelined()) {
      connection.send("DATA");
    }
    Reply reply = connection.receive(Stage.DATA, connection.timeouts().dataStart());
    if (reply.isPositive()) {
      throw new ReplyException("DATA was answered by " + reply);
    }
    if (reply.code() != GO_AHEAD) {
      settleAccepted(FailurePolicy.refused(Stage.DATA, reply, connection.remote()));
      connection.abandonTransaction();
      return;
    }
    sendContent(() -> payload.sendDotted(connection));
    takeVerdicts();
  }

  private void chunk() throws IOException {
    if (!isContentAhead()) {
      sendContent(this::sendChunk);
    }
    takeVerdicts();
  }

  private void sendChunk() throws IOException {
    connection.send(CommandText.bdat(payload.size(), true));
    payload.sendPlain(connection);
  }

  private interface Sending {
    void run() throws IOException;
  }

  private void sendContent(Sending sending) throws IOException {
    try {
      sending.run();
    } catch (UnreadableContent e) {
      throw e;
    } catch (IOException e) {
      // A server that refuses in the middle of a message often says why before it closes.
      connection.lastWords()
          .filter(reply -> !reply.isPositive())
          .ifPresent(reply -> settleAccepted(FailurePolicy.refused(Stage.END, reply, connection.remote())));
      throw e;
    }
  }

  private void takeVerdicts() throws IOException {
    switch (connection.protocol()) {
      case SMTP -> settleAccepted(verdict());
      case LMTP -> {
        for (var recipient : accepted) { // RFC 2033 §4.2: one reply for each accepted RCPT, in that order
          ledger.settle(recipient, verdict());
        }
      }
    }
  }

  private Outcome verdict() throws IOException {
    Reply reply = connection.receive(Stage.END, connection.timeouts().dataEnd());
    return reply.isPositive()
        ? FailurePolicy.taken(reply, connection.remote(), handover(),
            outgoing.parameters().options())
        : FailurePolicy.refused(Stage.END, reply, connection.remote());
  }

  private Handover handover() {
    return switch (connection.protocol()) {
      case LMTP -> Handover.MAILBOX;
      case SMTP -> offered.has(Extension.DSN) ? Handover.NEXT_HOP_WITH_DSN : Handover.NEXT_HOP;
    };
  }

  private void settleAccepted(Outcome outcome) {
    accepted.forEach(recipient -> ledger.settle(recipient, outcome));
  }

  private String mailLine() {
    return CommandText.mail(outgoing.envelope().from(), outgoing.parameters());
  }

  private String rcptLine(RecipientNumber number) {
    var recipient = outgoing.envelope().recipient(number);
    var parameters = switch (connection.protocol()) {
      case SMTP -> new RcptParameters(outgoing.wantsReportOfDelay()
          ? Optional.of(Timeliness.withDelay(recipient.notifyOn()))
          : recipient.notifyOn(), recipient.original(), recipient.validSince()).offeredBy(offered);
      case LMTP -> RcptParameters.NONE; // what LMTP has taken is delivered, and we report it ourselves
    };
    return CommandText.rcpt(new ForwardPath.To(recipient.address()), parameters);
  }
}
