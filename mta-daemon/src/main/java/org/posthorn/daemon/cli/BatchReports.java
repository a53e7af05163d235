package org.posthorn.daemon.cli;

import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.posthorn.queue.Dsn;
import org.posthorn.queue.DsnRequest;
import org.posthorn.queue.Envelope;
import org.posthorn.queue.Handling;
import org.posthorn.queue.Outcome.Diagnostic;
import org.posthorn.queue.QueueIdSource;
import org.posthorn.queue.QueuedMessage;
import org.posthorn.queue.Recipient;
import org.posthorn.queue.RecipientNumber;
import org.posthorn.queue.RemoteMta;
import org.posthorn.queue.Report;
import org.posthorn.queue.Report.Action;
import org.posthorn.queue.dsn.DsnComposer;
import org.posthorn.smtp.Command;
import org.posthorn.smtp.Domain;
import org.posthorn.smtp.EnhancedStatus;
import org.posthorn.smtp.ForwardPath;
import org.posthorn.smtp.Mailbox;
import org.posthorn.smtp.NotifyOn;
import org.posthorn.smtp.Printable;
import org.posthorn.smtp.Reply;

/**
 * Writes what the senders of a batch are told of recipients that the server refuses: nobody else is there to tell them (RFC
 * 2442, "Processing of application/batch-SMTP material").
 */
final class BatchReports {
  private static final int MAX_REPLY_CHARS = 600;

  private final Domain hostname;
  private final RemoteMta server;
  private final DsnComposer composer;
  private final QueueIdSource ids;
  private final InstantSource clock;

  /** Writes as {@code hostname} about what {@code server} said; reports return at most {@code returnedBytes} of a message. */
  BatchReports(Domain hostname, RemoteMta server, long returnedBytes, InstantSource clock, RandomGenerator random) {
    this.hostname = hostname;
    this.server = server;
    this.clock = clock;
    composer = new DsnComposer(hostname.name(), returnedBytes, random);
    ids = new QueueIdSource(clock, random);
  }

  /** Returns what the sender of {@code message} is to be told, if there is a sender, and it wants to hear. */
  Optional<Dsn> about(BatchMessage message) {
    var refused = message.refused().stream().filter(one -> wantsToHear(one.rcpt().parameters().notifyOn())).toList();
    if (refused.isEmpty() || message.mail().from().isNull()) {
      return Optional.empty();
    }
    Instant now = clock.instant();
    var recipients = refused.stream().map(one -> recipient(one.rcpt())).toList();
    var parameters = message.mail().parameters();
    var envelope = new Envelope(message.mail().from(), recipients, parameters.body(), parameters.smtpUtf8(),
        new DsnRequest(parameters.ret(), parameters.envelopeId()), "batch", Handling.PLAIN);
    var lines = new ArrayList<Report.Line>();
    for (int i = 0; i < refused.size(); i++) {
      lines.add(new Report.Line(new RecipientNumber(i), Action.FAILED, diagnostic(refused.get(i).reply()),
          Optional.of(now), Optional.empty()));
    }
    var content = message.content();
    return Optional.of(composer.compose(
        new Report(new QueuedMessage(ids.next(), now, envelope, content.size()), content, lines, now)));
  }

  /** RFC 3461 §4.1: who says nothing hears of failures. */
  private static boolean wantsToHear(Optional<NotifyOn> notifyOn) {
    return notifyOn.map(on -> on.conditions().contains(NotifyOn.Condition.FAILURE)).orElse(true);
  }

  private Recipient recipient(Command.Rcpt rcpt) {
    var address = switch (rcpt.to()) {
      case ForwardPath.To(var mailbox) -> mailbox;
      case ForwardPath.Postmaster _ -> new Mailbox("postmaster", hostname);
    };
    return new Recipient(address, rcpt.parameters().notifyOn(), rcpt.parameters().original());
  }

  private Diagnostic diagnostic(Reply reply) {
    var text = Printable.of(reply.toString());
    return new Diagnostic(reply.status().orElseGet(() -> EnhancedStatus.of("5.0.0")),
        text.substring(0, Math.min(text.length(), MAX_REPLY_CHARS)), true, Optional.of(server));
  }
}
