package org.posthorn.queue;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What became of one message and has yet to reach the disk. Guarded by the turn of its {@link Work}: whatever happens to a
 * message is settled one after the other.
 */
final class Ledger {
  /** What the operator wants to become of the recipients that an attempt leaves. */
  enum Intent {
    /** Nothing out of the ordinary. */
    DELIVER,
    /** They go back to the sender. */
    RETURN,
    /** They vanish. */
    DELETE
  }

  private final QueuedMessage message;
  private final List<SpoolEvent> events;
  private final Set<RecipientNumber> open;
  private final Set<RecipientNumber> delayReported = new HashSet<>();

  /** What the next DSN tells. */
  final List<Report.Line> lines = new ArrayList<>();
  /** What may only be recorded once that DSN is safe. */
  final List<SpoolEvent> afterReport = new ArrayList<>();
  /** What is to be recorded now. */
  final List<SpoolEvent> toRecord = new ArrayList<>();
  /** DSNs that are in the spool and not scheduled yet. */
  final List<QueuedMessage> outbox = new ArrayList<>();
  /** Recipients that are recorded as done, which the index does not know yet. */
  final List<RecipientNumber> finished = new ArrayList<>();
  /** When the report goes out even though more may follow. */
  Optional<Instant> reportBy = Optional.empty();
  /** Where a copy goes, of a bounce that cannot be delivered. */
  boolean forwardToPostmaster;
  /** Whether the entry is gone from the spool. */
  boolean isRemoved;
  Intent intent = Intent.DELIVER;

  Ledger(SpoolEntry entry) {
    message = entry.message();
    events = new ArrayList<>(entry.events());
    open = new TreeSet<>(entry.pending());
    open.stream().filter(entry::isDelayReported).forEach(delayReported::add);
  }

  QueuedMessage message() {
    return message;
  }

  /** Returns the entry as the spool has it. */
  SpoolEntry entry() {
    return new SpoolEntry(message, events);
  }

  /** Returns what the times of the queue mean for the message. */
  Lifespan lifespan() {
    return Lifespan.of(entry());
  }

  /** Whether {@code recipient} is neither done nor about to be recorded as done. */
  boolean isOpen(RecipientNumber recipient) {
    return open.contains(recipient);
  }

  /** Returns the recipients that are neither done nor about to be recorded as done. */
  Set<RecipientNumber> open() {
    return Set.copyOf(open);
  }

  /** Whether nobody waits and nothing has to be reported: the entry has served its purpose. */
  boolean isComplete() {
    return open.isEmpty() && lines.isEmpty() && afterReport.isEmpty() && !forwardToPostmaster;
  }

  /** Whether a report is to be made. */
  boolean hasReport() {
    return !lines.isEmpty() || forwardToPostmaster;
  }

  /** Notes that {@code event} finishes its recipient, at once, or only after the report. */
  void finish(SpoolEvent.Finished event, boolean onlyAfterReport) {
    open.remove(event.recipient());
    (onlyAfterReport ? afterReport : toRecord).add(event);
  }

  /** Adds a line to the report; it replaces one that told of a delay. */
  void report(Report.Line line) {
    lines.removeIf(earlier -> earlier.recipient().equals(line.recipient()));
    lines.add(line);
  }

  /** Notes that the sender is told of a delay; false when that has been done before. */
  boolean reportDelayOnce(RecipientNumber recipient, Instant now) {
    boolean first = delayReported.add(recipient);
    if (first) {
      afterReport.add(new SpoolEvent.DelayReported(recipient, now));
    }
    return first;
  }

  /** The report is safe in the spool. */
  void reported() {
    lines.clear();
    toRecord.addAll(afterReport);
    afterReport.clear();
    reportBy = Optional.empty();
  }

  /** The events to record are in the spool. */
  void recorded() {
    for (var event : toRecord) {
      if (event instanceof SpoolEvent.Finished done) {
        finished.add(done.recipient());
      }
    }
    events.addAll(toRecord);
    toRecord.clear();
  }

  /** The operator's {@code event} is in the spool. */
  void recorded(SpoolEvent event) {
    events.add(event);
  }
}
