package org.posthorn.queue;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.posthorn.queue.Handling.TlsWish;
import org.posthorn.queue.Outcome.Diagnostic;
import org.posthorn.queue.QueueIndex.Told;
import org.posthorn.smtp.DeliverBy;
import org.posthorn.smtp.EnhancedStatus;
import org.posthorn.smtp.Mailbox;
import org.posthorn.smtp.NotifyOn.Condition;
import org.posthorn.smtp.NotifyOn;
import org.posthorn.smtp.ReversePath;

/**
 * Decides what follows from an attempt, tells the sender, and puts it on disk. Safe for use by many threads.
 *
 * <p>The order on disk: a DSN of failure is in the spool before the failure is recorded, so a crash in between tells the
 * sender twice and never not at all; a success is recorded before anything else, so a crash delivers no mail twice to
 * save a note of success. What could not be written stays in the {@link Ledger} and is written later.
 */
final class Settlement {
  private static final String LOCAL_CLIENT = "local";
  private static final Diagnostic DELETED = Diagnostic.ours("5.0.0", "deleted by the administrator");
  private static final Diagnostic EXPANDED = Diagnostic.ours("2.1.5",
      "went on to the addresses that this one stands for");
  /** RFC 2852 §4.1.3: delivery time expired. */
  private static final EnhancedStatus EXPIRED_BY_SENDER = EnhancedStatus.of("5.4.7");
  private static final EnhancedStatus LATE_FOR_SENDER = EnhancedStatus.of("4.4.7");
  private static final int COPY_BUFFER = 16 * 1024;

  private final Spool spool;
  private final Reports reports;
  private final Supplier<QueueSettings> settings;
  private final InstantSource clock;
  private final RandomGenerator random;

  /** {@code random} must be safe for use by many threads. */
  Settlement(Spool spool, Reports reports, Supplier<QueueSettings> settings, InstantSource clock,
      RandomGenerator random) {
    this.spool = spool;
    this.reports = reports;
    this.settings = settings;
    this.clock = clock;
    this.random = random;
  }

  /**
   * Returns what follows from {@code outcome} for a recipient.
   *
   * @param attempts how often it was tried, this time included if it was; mail may be put off untried
   * @param notBefore when its destination is tried again at the earliest
   */
  Verdict judge(Lifespan life, Outcome outcome, int attempts, Instant notBefore) {
    return switch (outcome) {
      case Outcome.Delivered delivered -> new Verdict.Done(delivered);
      case Outcome.Failed(var why) -> new Verdict.Bounce(why);
      case Outcome.Deferred(var why) -> settings.get()
          .retry()
          .next(life, Math.max(1, attempts), clock.instant(), notBefore, random)
          .<Verdict>map(due -> new Verdict.RetryAt(due, attempts, why))
          .orElseGet(() -> new Verdict.Expire(expired(life, why)));
    };
  }

  /** Returns what follows for a recipient whose time is over without another attempt. */
  Verdict overdue(Lifespan life, Optional<String> lastReply) {
    return new Verdict.Expire(new Diagnostic(EXPIRED_BY_SENDER, notInTime(life, lastReply), false, Optional.empty()));
  }

  /** Notes that the time is over by which the sender wanted to hear that recipients still wait (RFC 2852 §4.1.3, N). */
  void noteLate(Ledger ledger, Map<RecipientNumber, Optional<String>> lastReplies) {
    var waiting = Diagnostic.ours("4.0.0", "no attempt was made yet");
    ledger.open()
        .forEach(recipient -> noteDelay(ledger, recipient, lastReplies.getOrDefault(recipient, Optional.empty())
            .map(text -> Diagnostic.ours("4.0.0", text))
            .orElse(waiting), Optional.empty()));
  }

  /** Returns what the sender of a message has heard once it is deferred now. */
  Told told(Lifespan life) {
    if (!life.hasSender()) {
      return Told.NOBODY;
    }
    Instant word = settings.get().retry().nextWord(life.since(), Told.NOTHING);
    return clock.instant().isBefore(word) ? Told.NOTHING : Told.DELAY;
  }

  /** Notes and logs what becomes of recipients that are open. Nothing is on disk yet. */
  void note(Ledger ledger, Map<RecipientNumber, Verdict> verdicts, Verdict.Ground ground) {
    Instant now = clock.instant();
    verdicts.forEach((recipient, verdict) -> note(ledger, recipient, verdict, ground));
    var message = ledger.message();
    if (message.envelope().handling().tracking().isPresent()) {
      verdicts
          .forEach((recipient, verdict) -> reports.track(message, recipient, fate(ledger.lifespan(), verdict, now)));
    }
  }

  private Fate fate(Lifespan life, Verdict verdict, Instant now) {
    return switch (verdict) {
      case Verdict.Done(var how) -> new Fate(action(how), how.diagnostic(), now, Optional.empty());
      case Verdict.RetryAt(_, _, var why) ->
        new Fate(Fate.Action.DELAYED, why, now, Optional.of(settings.get().retry().expiry(life)));
      case Verdict.Bounce(var why) -> new Fate(Fate.Action.FAILED, why, now, Optional.empty());
      case Verdict.Expire(var why) -> new Fate(Fate.Action.FAILED, why, now, Optional.empty());
      case Verdict.Drop() -> new Fate(Fate.Action.FAILED, DELETED, now, Optional.empty());
    };
  }

  private static Fate.Action action(Outcome.Delivered how) {
    return switch (how.handover()) {
      case MAILBOX -> Fate.Action.DELIVERED;
      case NEXT_HOP, NEXT_HOP_WITH_DSN -> how.isTracked() ? Fate.Action.TRANSFERRED : Fate.Action.RELAYED;
    };
  }

  /**
   * Puts what was noted on disk. Throws {@link SpoolException}, or what the composer of DSNs throws, when something is
   * left to be written by a later call.
   *
   * @param reportNow whether the sender is told now, or more is to come soon that the same DSN can tell
   */
  void put(Ledger ledger, boolean reportNow) {
    try {
      if (reportNow && ledger.hasReport()) {
        report(ledger);
      }
    } finally { // what needs no report goes on disk even when the report does not
      record(ledger);
    }
  }

  private void note(Ledger ledger, RecipientNumber number, Verdict verdict, Verdict.Ground ground) {
    Instant now = clock.instant();
    Optional<Instant> attemptedAt = switch (ground) {
      case ATTEMPT -> Optional.of(now);
      case OTHER -> Optional.empty();
    };
    var message = ledger.message();
    switch (verdict) {
      case Verdict.Done(var how) -> {
        MailLog.delivery(message, number, MailLog.Status.SENT, how.diagnostic(), now);
        ledger.finish(finished(number, how.diagnostic(), now), false);
        success(message, number, how, now).ifPresent(ledger::report);
      }
      case Verdict.RetryAt(_, _, var why) -> {
        MailLog.delivery(message, number, MailLog.Status.DEFERRED, why, now);
        noteDelay(ledger, number, why, attemptedAt);
      }
      case Verdict.Bounce(var why) -> {
        MailLog.delivery(message, number, MailLog.Status.BOUNCED, why, now);
        noteFailure(ledger, number, why, attemptedAt);
      }
      case Verdict.Expire(var why) -> {
        MailLog.delivery(message, number, MailLog.Status.EXPIRED, why, now);
        noteFailure(ledger, number, why, attemptedAt);
      }
      case Verdict.Drop() -> {
        MailLog.delivery(message, number, MailLog.Status.DELETED, DELETED, now);
        ledger.finish(finished(number, DELETED, now), false);
      }
    }
  }

  private void noteFailure(Ledger ledger, RecipientNumber number, Diagnostic why, Optional<Instant> attemptedAt) {
    Instant now = clock.instant();
    var message = ledger.message();
    boolean tell = wants(message, number, Condition.FAILURE);
    boolean forward = message.envelope().from().isNull() && forwards(message, number);
    ledger.finish(finished(number, why, now), tell || forward);
    if (tell) {
      ledger.report(new Report.Line(number, Report.Action.FAILED, why, attemptedAt, Optional.empty()));
    } else if (forward) {
      ledger.forwardToPostmaster = true;
    } else if (message.envelope().from().isNull()) {
      MailLog.doubleBounceDropped(message.id());
    }
  }

  /** No DSN is ever sent for a DSN (RFC 5321 §4.5.5, RFC 3464 §2); but the postmaster may want to see what failed. */
  private boolean forwards(QueuedMessage message, RecipientNumber number) {
    return settings.get()
        .doubleBouncesTo()
        .filter(postmaster -> !postmaster.equals(message.envelope().recipient(number).address()))
        .isPresent();
  }

  private void noteDelay(Ledger ledger, RecipientNumber number, Diagnostic why, Optional<Instant> attemptedAt) {
    Instant now = clock.instant();
    var message = ledger.message();
    var retry = settings.get().retry();
    var life = ledger.lifespan();
    if (retry.isLate(life, now) && wants(message, number, Condition.DELAY) && ledger.reportDelayOnce(number, now)) {
      ledger.report(new Report.Line(number, Report.Action.DELAYED, late(life, why), attemptedAt,
          Optional.of(retry.expiry(life))));
    }
  }

  private static Diagnostic late(Lifespan life, Diagnostic why) {
    return life.notifyAt().isEmpty()
        ? why
        : new Diagnostic(LATE_FOR_SENDER, notInTime(life, Optional.of(why.text())), false, why.remote());
  }

  private static String notInTime(Lifespan life, Optional<String> lastReply) {
    return "not delivered by "
        + life.deadline().map(by -> by.at().truncatedTo(ChronoUnit.SECONDS).toString()).orElse("")
        + ", as the sender asked" + lastReply.map(text -> "; last answer: " + text).orElse("");
  }

  /** A note of success only when asked for, and not when the next server will send one (RFC 3461 §5.2.1, §5.2.2). */
  private static Optional<Report.Line> success(QueuedMessage message, RecipientNumber number, Outcome.Delivered how,
      Instant now) {
    if (isTraced(message, number, how, now)) {
      return Optional
          .of(new Report.Line(number, Report.Action.RELAYED, how.diagnostic(), Optional.of(now), Optional.empty()));
    }
    if (!wants(message, number, Condition.SUCCESS)) {
      return Optional.empty();
    }
    Optional<Report.Action> action = switch (how.handover()) {
      case MAILBOX -> Optional.of(Report.Action.DELIVERED);
      case NEXT_HOP -> Optional.of(Report.Action.RELAYED);
      case NEXT_HOP_WITH_DSN -> Optional.empty();
    };
    return action.map(done -> new Report.Line(number, done, how.diagnostic(), Optional.of(now), Optional.empty()));
  }

  /**
   * Whether the sender is told of the handover although it did not ask for notes of success: it wants a trace, or to hear of
   * a delay, which the next hop will not tell (RFC 2852 §4.1.4, §4.1.4.2).
   */
  private static boolean isTraced(QueuedMessage message, RecipientNumber number, Outcome.Delivered how, Instant now) {
    var deadline = message.envelope().handling().deadline();
    boolean isNever = message.envelope().from().isNull()
        || message.envelope().recipient(number).notifyOn().filter(NotifyOn.NEVER::equals).isPresent();
    if (deadline.isEmpty() || isNever || how.handover() == Outcome.Handover.MAILBOX) {
      return false;
    }
    return deadline.get().isTraced() || (deadline.get().mode() == DeliverBy.Mode.NOTIFY && !how.knowsDeadline()
        && now.isBefore(deadline.get().at()));
  }

  /** Without NOTIFY the sender hears of failures and delays (RFC 3461 §4.1). */
  private static boolean wants(QueuedMessage message, RecipientNumber number, Condition condition) {
    return !message.envelope().from().isNull() && message.envelope()
        .recipient(number)
        .notifyOn()
        .map(notify -> notify.conditions().contains(condition))
        .orElse(condition != Condition.SUCCESS);
  }

  private static SpoolEvent.Finished finished(RecipientNumber number, Diagnostic diagnostic, Instant now) {
    return new SpoolEvent.Finished(number, now, diagnostic.status(), diagnostic.text());
  }

  /** The status stays that of the last attempt when it says more than "delivery time expired" (RFC 3463 §3.5, X.4.7). */
  private Diagnostic expired(Lifespan life, Diagnostic why) {
    if (life.isOver(clock.instant())) {
      return new Diagnostic(EXPIRED_BY_SENDER, notInTime(life, Optional.of(why.text())), false, why.remote());
    }
    var status = why.status().subject() == 0 ? EnhancedStatus.of("4.4.7") : why.status();
    return new Diagnostic(status, "could not be delivered within "
        + inWords(settings.get().retry().lifetimeOf(life)) + "; last answer: " + why.text(), false, why.remote());
  }

  private static String inWords(Duration duration) {
    if (duration.toHours() % 24 == 0 && duration.toDays() > 0) {
      return duration.toDays() == 1 ? "a day" : duration.toDays() + " days";
    }
    return duration.toMinutes() % 60 == 0 && duration.toHours() > 0
        ? duration.toHours() + " h"
        : duration.toMinutes() + " min";
  }

  private void report(Ledger ledger) {
    var message = ledger.message();
    if (!message.envelope().from().isNull()) {
      ledger.outbox.add(report(message, ledger.lines));
    } else if (ledger.forwardToPostmaster) {
      settings.get().doubleBouncesTo().ifPresent(postmaster -> forward(ledger, postmaster));
      ledger.forwardToPostmaster = false;
    }
    ledger.reported();
  }

  /**
   * Tells the sender that aliases replaced {@code expanded} by several addresses each (RFC 3461 §5.2.7.3); returns the DSN,
   * which is in the spool. Throws {@link SpoolException}.
   */
  QueuedMessage reportExpanded(QueuedMessage message, List<Recipient> expanded) {
    var asSent = message.envelope().with(expanded);
    var lines = IntStream.range(0, expanded.size())
        .mapToObj(n -> new Report.Line(new RecipientNumber(n), Report.Action.EXPANDED, EXPANDED, Optional.empty(),
            Optional.empty()))
        .toList();
    return report(new QueuedMessage(message.id(), message.queuedAt(), asSent, message.contentBytes()), lines);
  }

  private QueuedMessage report(QueuedMessage message, List<Report.Line> lines) {
    var dsn = reports.compose(new Report(message, spool.content(message), lines, clock.instant()));
    var queued = queue(dsn, message.envelope().handling());
    MailLog.report(message.id(), queued.id(), kind(lines));
    return queued;
  }

  private static String kind(List<Report.Line> lines) {
    return lines.stream()
        .map(line -> line.action().name().toLowerCase(Locale.ROOT))
        .distinct()
        .sorted()
        .collect(Collectors.joining(","));
  }

  private QueuedMessage queue(Dsn dsn, Handling reported) {
    var envelope = new Envelope(ReversePath.NULL, dsn.to().stream().map(Recipient::of).toList(), dsn.body(),
        dsn.smtpUtf8(), DsnRequest.NONE, LOCAL_CLIENT, asTheReported(reported));
    try (var draft = spool.draft(envelope, clock.instant())) {
      draft.write(dsn.content(), 0, dsn.content().length);
      return draft.commit();
    }
  }

  /** A report goes as fast as what it is about (RFC 6710 §4.6), and is protected like it (RFC 8689 §5). */
  private static Handling asTheReported(Handling reported) {
    var handling = reported.priority().map(Handling.PLAIN::with).orElse(Handling.PLAIN);
    return reported.tls() == TlsWish.REQUIRED ? handling.with(TlsWish.REQUIRED) : handling;
  }

  private void forward(Ledger ledger, Mailbox postmaster) {
    var bounce = ledger.message();
    var envelope = new Envelope(ReversePath.NULL, List.of(Recipient.of(postmaster)), bounce.envelope().body(),
        bounce.envelope().smtpUtf8(), DsnRequest.NONE, LOCAL_CLIENT, asTheReported(bounce.envelope().handling()));
    try (var draft = spool.draft(envelope, clock.instant()); var content = spool.content(bounce).open()) {
      byte[] buffer = new byte[COPY_BUFFER];
      for (int length = content.read(buffer); length >= 0; length = content.read(buffer)) {
        draft.write(buffer, 0, length);
      }
      var copy = draft.commit();
      ledger.outbox.add(copy);
      MailLog.doubleBounceForwarded(bounce.id(), copy.id(), postmaster.toString());
    } catch (IOException e) {
      throw new SpoolException("cannot read the content of " + bounce.id(), e);
    }
  }

  private void record(Ledger ledger) {
    var id = ledger.message().id();
    if (ledger.isComplete()) {
      spool.remove(id);
      ledger.recorded();
      ledger.isRemoved = true;
      MailLog.removed(id);
    } else if (!ledger.toRecord.isEmpty()) {
      spool.record(id, ledger.toRecord);
      ledger.recorded();
    }
  }
}
