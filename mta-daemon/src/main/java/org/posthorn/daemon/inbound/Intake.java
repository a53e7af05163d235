package org.posthorn.daemon.inbound;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.posthorn.daemon.tls.Fingerprint;
import org.posthorn.queue.Envelope;
import org.posthorn.queue.Handling;
import org.posthorn.queue.QueuedMessage;
import org.posthorn.queue.Spool;
import org.posthorn.queue.SpoolDraft;
import org.posthorn.queue.SpoolException;
import org.posthorn.smtp.ClientAttributes.Name;
import org.posthorn.smtp.ClientAttributes;
import org.posthorn.smtp.Printable;
import org.posthorn.smtp.Reply;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * Brings messages into the spool: the {@code Received:} field first, then the content as it came. Safe for use by many
 * threads.
 */
public final class Intake {
  private static final Logger log = LoggerFactory.getLogger(Intake.class);

  private final Spool spool;
  private final AcceptedMail accepted;
  private final InstantSource clock;
  private final InboundCounters counters;
  private final Optional<Checkpoints> checkpoints;
  private final AtomicLong heldBytes = new AtomicLong();
  private final AtomicBoolean full = new AtomicBoolean();
  private volatile boolean troubled;

  /** Wires the intake to the spool, and to what takes over from there. */
  public Intake(Spool spool, AcceptedMail accepted, InstantSource clock, InboundCounters counters) {
    this(spool, accepted, clock, counters, Optional.empty());
  }

  /** The same with a place for what is kept of messages that break off. */
  public Intake(Spool spool, AcceptedMail accepted, InstantSource clock, InboundCounters counters,
      Checkpoints checkpoints) {
    this(spool, accepted, clock, counters, Optional.of(checkpoints));
  }

  private Intake(Spool spool, AcceptedMail accepted, InstantSource clock, InboundCounters counters,
      Optional<Checkpoints> checkpoints) {
    this.checkpoints = checkpoints;
    this.spool = spool;
    this.accepted = accepted;
    this.clock = clock;
    this.counters = counters;
  }

  /** Returns where it is kept what came of messages that broke off, if anywhere. */
  Optional<Checkpoints> checkpoints() {
    return checkpoints;
  }

  /** Returns the time. */
  Instant now() {
    return clock.instant();
  }

  /** Begins a message. Nothing is on disk before its content grows large or ends. */
  IncomingMessage begin(Submission submission, InboundSettings settings) {
    var message = new IncomingMessage(this, submission, settings);
    if (isFull()) {
      message.refuse(ServerReplies.NO_STORAGE);
    }
    return message;
  }

  /** Returns the octets that all messages together hold in memory. */
  AtomicLong heldBytes() {
    return heldBytes;
  }

  /**
   * Whether the disk refused the latest message, or the queue cannot follow, so that it is worth asking before the next one
   * is sent to us.
   */
  boolean isTroubled() {
    return troubled || isFull();
  }

  private boolean isFull() {
    boolean isFull = accepted.isFull();
    if (full.getAndSet(isFull) != isFull) {
      log.atWarn()
          .log(isFull ? "the index is far behind, and mail is refused until it has caught up" : "mail is taken again");
    }
    return isFull;
  }

  /** Asks queue and spool whether they would take a message now; the reply says why not. Blocks for the disk. */
  Optional<Reply> refusal(Submission submission) {
    if (isFull()) {
      return Optional.of(ServerReplies.NO_STORAGE);
    }
    try {
      spool.draft(submission.envelope(), clock.instant()).close();
      return Optional.empty();
    } catch (SpoolException e) {
      return Optional.of(cannotStore(e));
    }
  }

  /** Opens the spool's draft of {@code message} and writes what we put on top of the content. Blocks for the disk. */
  SpoolDraft open(IncomingMessage message) {
    Instant now = clock.instant();
    SpoolDraft draft = spool.draft(message.envelope(), now);
    try {
      byte[] top = message.top(draft.id(), now).getBytes(StandardCharsets.UTF_8);
      draft.write(top, 0, top.length);
      return draft;
    } catch (RuntimeException e) {
      draft.close();
      throw e;
    }
  }

  /** Takes responsibility for {@code message}. The reply must wait for the disk (RFC 5321 §4.2.5), and so this blocks. */
  Reply commit(SpoolDraft draft, IncomingMessage message) {
    QueuedMessage queued = draft.commit(); // what fails from here on is not the client's: it would send the message again
    troubled = false;
    tell(queued, message.submission());
    // A crash before this line is repaired at start: the spool is the truth.
    handOver(queued, message.submission());
    return message.isPriorityChanged()
        ? ServerReplies.queuedWithPriority(queued.id(), queued.envelope().handling().urgency())
        : ServerReplies.queuedAs(queued.id());
  }

  private void tell(QueuedMessage queued, Submission submission) {
    try {
      counters.at(submission.listener()).accepted(queued.contentBytes());
      logAccepted(queued, submission);
    } catch (RuntimeException | Error e) {
      log.atError().addKeyValue("id", queued.id().value()).setCause(e).log("cannot tell of a message that was taken");
    }
  }

  private void handOver(QueuedMessage queued, Submission submission) {
    try {
      accepted.accept(queued, submission.expanded());
    } catch (RuntimeException | Error e) {
      log.atError()
          .addKeyValue("id", queued.id().value())
          .setCause(e)
          .log("a message that was taken may wait in the spool until the next start");
    }
  }

  /** Tells the operator that the disk refused; the client may try again. */
  Reply cannotStore(SpoolException e) {
    troubled = true;
    log.atError().setCause(e).log("cannot store mail");
    return ServerReplies.NO_STORAGE;
  }

  private static void logAccepted(QueuedMessage queued, Submission submission) {
    var trace = submission.trace();
    LoggingEventBuilder event = log.atInfo()
        .addKeyValue("id", queued.id().value())
        .addKeyValue("client", trace.client())
        .addKeyValue("helo", Printable.of(trace.helo()));
    var who = trace.client().identity();
    if (who.isPresent()) {
      event = event.addKeyValue("sasl_method", who.get().mechanism())
          .addKeyValue("sasl_username", Printable.of(who.get().login()));
    }
    event = withConsent(queued.envelope(), with(queued.envelope().handling(),
        withForwarded(event, trace.client().forwarded())))
        .addKeyValue("from", Printable.of("<" + queued.envelope().from() + ">"))
        .addKeyValue("nrcpt", queued.envelope().recipients().size())
        .addKeyValue("size", queued.contentBytes())
        .addKeyValue("proto", trace.protocol());
    var tls = trace.client().encryption();
    (tls.isPresent() ? with(tls.get(), event) : event).log("accepted");
  }

  private static LoggingEventBuilder with(Handling handling, LoggingEventBuilder event) {
    var deadline = handling.deadline()
        .map(by -> event.addKeyValue("by", by.at()).addKeyValue("by_mode", by.mode().name().toLowerCase(Locale.ROOT)))
        .orElse(event);
    var release = handling.release().map(later -> deadline.addKeyValue("release", later.at())).orElse(deadline);
    var submitter = handling.submitter()
        .map(who -> release.addKeyValue("submitter", Printable.of(who.toString())))
        .orElse(release);
    return handling.priority().map(priority -> submitter.addKeyValue("priority", priority.value())).orElse(submitter);
  }

  /** What the sender solicits, and the name by which it tracks the message. */
  private static LoggingEventBuilder withConsent(Envelope envelope, LoggingEventBuilder event) {
    var handling = envelope.handling();
    var named = handling.solicitations().isEmpty()
        ? event
        : event.addKeyValue("solicit", Printable.of(String.join(",", handling.solicitations())));
    return handling.tracking()
        .flatMap(_ -> envelope.dsn().envelopeId())
        .map(id -> named.addKeyValue("mtrk", Printable.of(id)))
        .orElse(named);
  }

  /** Postfix's names, and those of its log. */
  private static LoggingEventBuilder withForwarded(LoggingEventBuilder event, ClientAttributes said) {
    var more = event;
    if (said.has(Name.NAME) || said.has(Name.ADDR)) {
      more = more.addKeyValue("orig_client",
          said.value(Name.NAME).orElse("unknown") + "[" + said.value(Name.ADDR).orElse("unknown") + "]");
    }
    for (var name : List.of(Name.HELO, Name.PROTO, Name.SOURCE, Name.IDENT)) {
      var value = said.value(name);
      String key = name == Name.IDENT ? "orig_queue_id" : "orig_" + name.name().toLowerCase(Locale.ROOT);
      more = value.isPresent() ? more.addKeyValue(key, Printable.of(value.get())) : more;
    }
    return more;
  }

  private static LoggingEventBuilder with(Encryption tls, LoggingEventBuilder event) {
    var encrypted = event.addKeyValue("tls", tls.version()).addKeyValue("cipher", tls.cipher());
    var shown = tls.clientCertificates().stream().findFirst();
    return shown.map(certificate -> encrypted.addKeyValue("certificate", Fingerprint.of(certificate)))
        .orElse(encrypted);
  }
}
