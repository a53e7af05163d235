package org.posthorn.queue.dsn;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.posthorn.queue.DsnRequest;
import org.posthorn.queue.Envelope;
import org.posthorn.queue.Handling;
import org.posthorn.queue.MessageContent;
import org.posthorn.queue.Outcome.Diagnostic;
import org.posthorn.queue.QueueId;
import org.posthorn.queue.QueuedMessage;
import org.posthorn.queue.Recipient;
import org.posthorn.queue.RecipientNumber;
import org.posthorn.queue.RemoteMta;
import org.posthorn.queue.Report;
import org.posthorn.queue.Report.Action;
import org.posthorn.smtp.BodyType;
import org.posthorn.smtp.Domain;
import org.posthorn.smtp.EnhancedStatus;
import org.posthorn.smtp.Mailbox;
import org.posthorn.smtp.OriginalRecipient;
import org.posthorn.smtp.ReturnContent;
import org.posthorn.smtp.ReversePath;

/** Builds reports for tests, a line at a time. */
final class ReportBuilder {
  static final Instant QUEUED = Instant.parse("2026-11-22T08:15:30Z");

  private final List<Recipient> recipients = new ArrayList<>();
  private final List<Report.Line> lines = new ArrayList<>();
  private ReversePath from = ReversePath.of(new Mailbox("ann", Domain.of("sender.example")));
  private MessageContent content = content("");
  private boolean smtpUtf8;
  private Optional<ReturnContent> ret = Optional.empty();
  private Optional<String> envelopeId = Optional.empty();
  private Handling handling = Handling.PLAIN;
  private Duration age = Duration.ofMinutes(1);

  static MessageContent content(String text) {
    return content(text.replace("\n", "\r\n").getBytes(StandardCharsets.UTF_8));
  }

  static MessageContent content(byte[] octets) {
    return new MessageContent() {
      @Override
      public long size() {
        return octets.length;
      }

      @Override
      public InputStream open() {
        return new ByteArrayInputStream(octets);
      }
    };
  }

  static MessageContent unreadable() {
    return new MessageContent() {
      @Override
      public long size() {
        return 10;
      }

      @Override
      public InputStream open() throws IOException {
        throw new IOException("gone");
      }
    };
  }

  ReportBuilder from(String localPart) {
    from = ReversePath.of(new Mailbox(localPart, Domain.of("sender.example")));
    return this;
  }

  ReportBuilder fromNobody() {
    from = ReversePath.NULL;
    return this;
  }

  ReportBuilder message(String text) {
    return message(content(text));
  }

  ReportBuilder message(MessageContent text) {
    content = text;
    return this;
  }

  ReportBuilder smtpUtf8() {
    smtpUtf8 = true;
    return this;
  }

  ReportBuilder ret(ReturnContent wanted) {
    ret = Optional.of(wanted);
    return this;
  }

  ReportBuilder envelopeId(String id) {
    envelopeId = Optional.of(id);
    return this;
  }

  ReportBuilder handling(Handling wanted) {
    handling = wanted;
    return this;
  }

  ReportBuilder age(Duration old) {
    age = old;
    return this;
  }

  /** Adds a recipient at example.net to whom its server said {@code reply}. */
  ReportBuilder replied(String localPart, Action action, String status, String reply) {
    return line(recipient(localPart), action, new Diagnostic(EnhancedStatus.of(status), reply, true,
        Optional.of(new RemoteMta("mx.example.net", "192.0.2.1:25"))));
  }

  /** Adds a recipient of whom we say {@code text}. */
  ReportBuilder ours(String localPart, Action action, String status, String text) {
    return line(recipient(localPart), action, Diagnostic.ours(status, text));
  }

  ReportBuilder line(Recipient recipient, Action action, Diagnostic diagnostic) {
    Optional<Instant> until = action == Action.DELAYED
        ? Optional.of(QUEUED.plus(Duration.ofDays(5)))
        : Optional.empty();
    lines.add(new Report.Line(new RecipientNumber(recipients.size()), action, diagnostic, Optional.empty(), until));
    recipients.add(recipient);
    return this;
  }

  static Recipient recipient(String localPart) {
    return Recipient.of(new Mailbox(localPart, Domain.of("example.net")));
  }

  static Recipient recipient(String localPart, String type, String original) {
    return new Recipient(recipient(localPart).address(), Optional.empty(),
        Optional.of(new OriginalRecipient(type, original)));
  }

  private static Report.Line tried(Report.Line line, Instant now) {
    return new Report.Line(line.recipient(), line.action(), line.diagnostic(),
        line.action() == Action.EXPANDED ? Optional.empty() : Optional.of(now), line.retryUntil());
  }

  Report build() {
    var envelope = new Envelope(from, recipients, BodyType.EIGHT_BIT_MIME, smtpUtf8, new DsnRequest(ret, envelopeId),
        "local", handling);
    var message = new QueuedMessage(new QueueId("01jd0000000000ab"), QUEUED, envelope, content.size());
    var now = QUEUED.plus(age);
    return new Report(message, content, lines.stream().map(line -> tried(line, now)).toList(), now);
  }
}
