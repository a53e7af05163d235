package org.posthorn.queue;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import org.posthorn.queue.Outcome.Diagnostic;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Settles what became of messages, each in its turn: on disk by {@link Settlement}, in the index, and in memory. What the
 * disk refuses stays leased, so that it is not delivered again, and is settled later. Safe for use by many threads.
 */
final class Bookkeeper {
  /** How long a report waits for what else is being tried of the same message. */
  private static final Duration REPORT_PATIENCE = Duration.ofSeconds(30);
  /** How soon the disk is tried again after it refused. */
  private static final Duration DISK_PATIENCE = Duration.ofSeconds(10);
  static final Diagnostic RETURNED = Diagnostic.ours("5.0.0", "returned by the administrator");
  private static final Logger LOG = LoggerFactory.getLogger(Bookkeeper.class);

  private record Again(Instant at, Work work) {}

  private final QueueStores stores;
  private final Delivery delivery;
  private final Settlement settlement;
  private final ActiveQueue queue;
  private final Consumer<QueuedMessage> submit;
  private final InstantSource clock;
  private final Totals totals;
  private final Consumer<Instant> deadlines;

  private final AtomicBoolean isFailing = new AtomicBoolean();
  private final ReentrantLock lock = new ReentrantLock();
  private final PriorityQueue<Again> again = new PriorityQueue<>(Comparator.comparing(Again::at));

  /**
   * Settles with these.
   *
   * @param submit schedules the DSNs that are made
   * @param deadlines gets the deadline of each message that the index learns of
   */
  Bookkeeper(QueueStores stores, Delivery delivery, Settlement settlement, ActiveQueue queue,
      Consumer<QueuedMessage> submit, InstantSource clock, Totals totals,
      Consumer<Instant> deadlines) {
    this.stores = stores;
    this.delivery = delivery;
    this.settlement = settlement;
    this.queue = queue;
    this.submit = submit;
    this.clock = clock;
    this.totals = totals;
    this.deadlines = deadlines;
  }

  /** Settles verdicts on recipients that are leased, and ends the leases when all is written. */
  void settle(Work work, Map<RecipientNumber, Verdict> verdicts, Verdict.Ground ground) {
    work.turn.lock();
    try {
      var open = work.ledger(stores.spool());
      if (open.isEmpty()) {
        vanished(work, verdicts.keySet());
        return;
      }
      var ledger = open.get();
      var effective = new TreeMap<RecipientNumber, Verdict>();
      var closed = new ArrayList<RecipientNumber>();
      verdicts.forEach((recipient, verdict) -> {
        if (ledger.isOpen(recipient)) {
          effective.put(recipient, effective(ledger, verdict));
        } else {
          closed.add(recipient);
        }
      });
      settlement.note(ledger, effective, ground);
      totals.count(effective.values());
      defer(work, ledger, effective);
      write(work, ledger, clock.instant());
      done(work, closed);
    } finally {
      work.turn.unlock();
    }
  }

  /** What the operator wants comes before another attempt, but after an outcome. */
  private static Verdict effective(Ledger ledger, Verdict verdict) {
    return verdict instanceof Verdict.RetryAt ? switch (ledger.intent) {
      case DELIVER -> verdict;
      case RETURN -> new Verdict.Bounce(RETURNED);
      case DELETE -> new Verdict.Drop();
    } : verdict;
  }

  /**
   * Returns recipients to the index as they are, to be tried at {@code due}; {@link Instant#MAX} for not by themselves.
   * Call it in the turn of the message.
   */
  void giveBack(Work work, Ledger ledger, Collection<RecipientNumber> recipients, Instant due) {
    var routes = routes(ledger.message());
    var where = new HashMap<Destination, Instant>();
    recipients.forEach(recipient -> where.put(routes.apply(recipient), due));
    index(work, ledger, recipients, where, routes);
  }

  /**
   * Makes a message known to the index that is not to stay in memory, or not all of it, because there is no room or its time
   * has not come; what has no lease is due as soon as may be.
   */
  void overflow(Work work, Ledger ledger) {
    var routes = routes(ledger.message());
    var where = new HashMap<Destination, Instant>();
    ledger.entry().pending().forEach(recipient -> where.put(routes.apply(recipient), due(ledger.entry())));
    index(work, ledger, List.of(), where, routes);
  }

  /** Sees to it that the sender hears that recipients still wait. Call it in the turn of the message. */
  void late(Work work, Ledger ledger, Map<RecipientNumber, Optional<String>> lastReplies) {
    settlement.noteLate(ledger, lastReplies);
    write(work, ledger, clock.instant());
  }

  private Instant due(SpoolEntry entry) {
    Instant now = clock.instant();
    return entry.startsAt().isAfter(now) ? entry.startsAt() : now;
  }

  /** Makes a message known to the index, and ends leases. */
  void index(Work work, Ledger ledger, Collection<RecipientNumber> released) {
    index(work, ledger, released, Map.of(), routes(ledger.message()));
  }

  private void index(Work work, Ledger ledger, Collection<RecipientNumber> released, Map<Destination, Instant> due,
      Function<RecipientNumber, Destination> routes) {
    var additions = additions(work, ledger, routes);
    if (additions.isEmpty()) {
      queue.release(work, released, due);
    } else {
      stores.writes()
          .write(new QueueIndex.Changes(additions, List.of(), List.of(), List.of()),
              () -> queue.release(work, released, due));
      work.isToldToIndex = true;
    }
  }

  /** The spool has no such message any more: the index forgets it, and leases end. */
  void vanished(Work work, Collection<RecipientNumber> recipients) {
    write(work, recipients, new QueueIndex.Changes(List.of(), List.of(), List.of(), List.of(work.id)));
  }

  /** The spool has recipients as done, while others wait: the index forgets them, and leases end. */
  void done(Work work, Collection<RecipientNumber> recipients) {
    if (!recipients.isEmpty()) {
      var finishes = recipients.stream().map(recipient -> new QueueIndex.Finish(work.id, recipient)).toList();
      write(work, recipients, new QueueIndex.Changes(List.of(), List.of(), finishes, List.of()));
    }
  }

  private void write(Work work, Collection<RecipientNumber> released, QueueIndex.Changes changes) {
    var leased = List.copyOf(released);
    if (work.isIndexed) {
      stores.writes().write(changes, () -> queue.release(work, leased, Map.of()));
    } else {
      queue.release(work, leased, Map.of());
    }
  }

  /**
   * The spool cannot read the message, or a bug keeps it from being tried: the operator must see to it, and meanwhile it is tried
   * at {@code due}. Call it in the turn of the message.
   */
  void unreadable(Work work, Map<RecipientNumber, Integer> attempts, Destination destination, Instant due) {
    var deferrals = attempts.entrySet()
        .stream()
        .map(entry -> new QueueIndex.Deferral(work.id, entry.getKey(), due,
            entry.getValue(), "the message cannot be read or dealt with; the log says why"))
        .toList();
    List<QueueIndex.Addition> additions = work.isIndexed
        ? List.of()
        : work.ledger(stores.spool())
            .map(ledger -> additions(work, ledger, routes(ledger.message())))
            .orElse(List.of());
    stores.writes()
        .write(new QueueIndex.Changes(additions, deferrals, List.of(), List.of()),
            () -> queue.release(work, attempts.keySet(), Map.of(destination, due)));
    work.isToldToIndex = true;
  }

  /** Writes what is left to be written and due at {@code now}; what fails again is left for later. */
  void settleAgain(Instant now) {
    for (var work : pollAgain(now)) {
      work.turn.lock();
      try {
        var ledger = work.ledger(stores.spool());
        if (ledger.isPresent()) {
          write(work, ledger.get(), now);
        } else {
          queue.keep(work, false);
        }
      } finally {
        work.turn.unlock();
      }
    }
  }

  /** Returns when something that is left is to be written. */
  Instant nextTime() {
    lock.lock();
    try {
      return again.isEmpty() ? Instant.MAX : again.element().at();
    } finally {
      lock.unlock();
    }
  }

  private void defer(Work work, Ledger ledger, Map<RecipientNumber, Verdict> verdicts) {
    var deferrals = new ArrayList<QueueIndex.Deferral>();
    var routes = routes(ledger.message());
    var where = new HashMap<Destination, Instant>();
    var told = settlement.told(ledger.lifespan());
    verdicts.forEach((recipient, verdict) -> {
      if (verdict instanceof Verdict.RetryAt(var due, var attempts, var why)) {
        deferrals.add(new QueueIndex.Deferral(work.id, recipient, due, attempts, why.text(), told));
        where.merge(routes.apply(recipient), due, (one, other) -> one.isBefore(other) ? one : other);
      }
    });
    if (!deferrals.isEmpty()) {
      var recipients = deferrals.stream().map(QueueIndex.Deferral::recipient).toList();
      stores.writes()
          .write(new QueueIndex.Changes(additions(work, ledger, routes), deferrals, List.of(), List.of()),
              () -> queue.release(work, recipients, where));
      work.isToldToIndex = true;
    }
  }

  /** Returns what makes the message known to the index, unless it is. */
  private List<QueueIndex.Addition> additions(Work work, Ledger ledger,
      Function<RecipientNumber, Destination> routes) {
    if (work.isIndexed) {
      return List.of();
    }
    work.isIndexed = true;
    stores.spool().retain(work.id);
    var entry = ledger.entry();
    var destinations = new TreeMap<RecipientNumber, Destination>();
    entry.pending().forEach(recipient -> destinations.put(recipient, routes.apply(recipient)));
    entry.message().deadline().ifPresent(deadlines);
    return List.of(new QueueIndex.Addition(entry, destinations, due(entry),
        stores.spool().length(work.id)));
  }

  /**
   * Returns where the recipients of {@code message} go, each asked for once: were the routes changed between two answers,
   * the index would have a recipient at a destination that nobody wakes.
   */
  private Function<RecipientNumber, Destination> routes(QueuedMessage message) {
    var known = new HashMap<RecipientNumber, Destination>();
    return recipient -> known.computeIfAbsent(recipient, number -> destination(message, number));
  }

  /** Returns where the recipients go that are open. */
  Map<RecipientNumber, Destination> destinations(Ledger ledger) {
    var destinations = new TreeMap<RecipientNumber, Destination>();
    ledger.open().forEach(recipient -> destinations.put(recipient, destination(ledger.message(), recipient)));
    return destinations;
  }

  private Destination destination(QueuedMessage message, RecipientNumber recipient) {
    return delivery.destinationOf(message.envelope().recipient(recipient).address());
  }

  private void write(Work work, Ledger ledger, Instant now) {
    boolean reportNow = !ledger.hasReport() || queue.isPassOver(work)
        || ledger.reportBy.map(by -> !now.isBefore(by)).orElse(false);
    try {
      settlement.put(ledger, reportNow);
      isFailing.set(false);
      if (ledger.hasReport()) {
        ledger.reportBy = ledger.reportBy.or(() -> Optional.of(clock.instant().plus(REPORT_PATIENCE)));
        later(work, clock.instant().plus(REPORT_PATIENCE));
      } else {
        queue.keep(work, false);
      }
    } catch (RuntimeException | Error e) { // our disk, or a bug in a DSN: nothing is lost, nor delivered again
      later(work, clock.instant().plus(DISK_PATIENCE));
      if (isFailing.compareAndSet(false, true)) {
        LOG.atError().addKeyValue("id", work.id.value()).setCause(e).log("cannot record what became of a message");
      }
    }
    submitReports(ledger);
    finish(work, ledger);
  }

  private void submitReports(Ledger ledger) {
    var reports = List.copyOf(ledger.outbox);
    ledger.outbox.clear();
    reports.forEach(submit);
  }

  private void finish(Work work, Ledger ledger) {
    var finished = List.copyOf(ledger.finished);
    ledger.finished.clear();
    if (finished.isEmpty() && !ledger.isRemoved) {
      return;
    }
    if (ledger.isRemoved) {
      vanished(work, finished);
    } else {
      done(work, finished);
    }
  }

  private void later(Work work, Instant at) {
    queue.keep(work, true);
    lock.lock();
    try {
      again.add(new Again(at, work));
    } finally {
      lock.unlock();
    }
  }

  private List<Work> pollAgain(Instant now) {
    lock.lock();
    try {
      var due = new ArrayList<Work>();
      while (!again.isEmpty() && !again.element().at().isAfter(now)) {
        due.add(again.remove().work());
      }
      return due;
    } finally {
      lock.unlock();
    }
  }
}
