package org.posthorn.queue;

import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import org.posthorn.queue.Outcome.Diagnostic;
import org.posthorn.smtp.Printable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/** The queue's lines of the mail log. Their keys and words are what other tools read, so they are an API. */
final class MailLog {
  /** The value of {@code status=}. */
  enum Status {
    /** Someone else is responsible now. */
    SENT,
    /** It is tried again. */
    DEFERRED,
    /** It went back to the sender, or was dropped when there is none. */
    BOUNCED,
    /** The same, because it waited too long. */
    EXPIRED,
    /** The operator deleted it. */
    DELETED;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private static final Logger LOG = LoggerFactory.getLogger(MailLog.class);

  private MailLog() {}

  /** What became of a recipient. {@code relay=none} says that no server was reached. */
  static void delivery(QueuedMessage message, RecipientNumber number, Status status, Diagnostic diagnostic,
      Instant now) {
    var recipient = message.envelope().recipient(number);
    String to = recipient.address().toString();
    var line = LOG.atInfo().addKeyValue("id", message.id().value()).addKeyValue("to", Printable.of(to));
    var original = recipient.original().filter(given -> !given.address().equalsIgnoreCase(to));
    line = (original.isPresent() ? line.addKeyValue("orig_to", Printable.of(original.get().address())) : line)
        .addKeyValue("relay", Printable.of(diagnostic.remote().map(RemoteMta::toString).orElse("none")));
    var tls = diagnostic.remote().flatMap(RemoteMta::tls);
    (tls.isPresent() ? with(tls.get(), line) : line).addKeyValue("delay", seconds(message.queuedAt(), now))
        .addKeyValue("dsn", diagnostic.status().toString())
        .addKeyValue("status", status.toString())
        .addKeyValue("text", Printable.of(diagnostic.text()))
        .log("delivery");
  }

  private static LoggingEventBuilder with(RemoteTls tls, LoggingEventBuilder line) {
    return line.addKeyValue("tls", tls.version())
        .addKeyValue("cipher", tls.cipher())
        .addKeyValue("verified", tls.isVerified() ? "yes" : "no");
  }

  /** The message is gone from the queue. */
  static void removed(QueueId id) {
    line(id).log("removed");
  }

  /** A DSN was queued as {@code dsn}; {@code kind} says what it reports. */
  static void report(QueueId id, QueueId dsn, String kind) {
    line(id).addKeyValue("dsn-id", dsn.value()).addKeyValue("kind", kind).log("report");
  }

  /** A bounce could not be delivered, and goes to the postmaster as {@code copy}. */
  static void doubleBounceForwarded(QueueId id, QueueId copy, String to) {
    line(id).addKeyValue("dsn-id", copy.value())
        .addKeyValue("kind", "double-bounce")
        .addKeyValue("to", Printable.of(to))
        .log("report");
  }

  /** A bounce could not be delivered, and is dropped. */
  static void doubleBounceDropped(QueueId id) {
    line(id).log("undeliverable bounce dropped");
  }

  /** The operator did something to a message. */
  static void operator(QueueId id, String action) {
    line(id).addKeyValue("action", action).log("operator");
  }

  /** A destination does not answer. */
  static void backingOff(Destination destination, Instant until, Diagnostic why) {
    LOG.atInfo()
        .addKeyValue("destination", Printable.of(destination.name()))
        .addKeyValue("until", until)
        .addKeyValue("text", Printable.of(why.text()))
        .log("destination unreachable");
  }

  /** A destination that did not answer does so again. */
  static void reachedAgain(Destination destination) {
    LOG.atInfo().addKeyValue("destination", Printable.of(destination.name())).log("destination reached again");
  }

  /** The operator stopped a destination. */
  static void paused(Destination destination, Pause pause) {
    LOG.atInfo()
        .addKeyValue("destination", Printable.of(destination.name()))
        .addKeyValue("until", pause.until().map(Instant::toString).orElse("resumed"))
        .addKeyValue("text", Printable.of(pause.reason()))
        .log("destination paused");
  }

  /** Mail goes to a destination again: the operator let it, or the pause had an end. */
  static void resumed(Destination destination) {
    LOG.atInfo().addKeyValue("destination", Printable.of(destination.name())).log("destination resumed");
  }

  private static LoggingEventBuilder line(QueueId id) {
    return LOG.atInfo().addKeyValue("id", id.value());
  }

  private static String seconds(Instant from, Instant to) {
    long millis = Math.max(0, Duration.between(from, to).toMillis());
    return millis / 1000 + "." + (char) ('0' + millis % 1000 / 100) + (char) ('0' + millis % 100 / 10);
  }
}
