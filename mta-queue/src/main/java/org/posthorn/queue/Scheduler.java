package org.posthorn.queue;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.posthorn.queue.Outcome.Diagnostic;
import org.posthorn.smtp.Mailbox;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings messages and destinations together: fresh mail goes straight to the ready queue of its destination, deferred mail
 * comes from the index when it is due, and lanes take it from there. Safe for use by many threads.
 *
 * <p>A recipient is in one attempt at a time: it is leased from when it enters memory until the index knows when it is due
 * again, or the spool that it is done.
 */
final class Scheduler implements Lane.Attempts {
  /** The scheduler looks at the clock at least this often, for clocks are set. */
  private static final Duration LONGEST_SLEEP = Duration.ofSeconds(1);
  /** How long an interrupted attempt may take to notice. */
  private static final Duration CUT_PATIENCE = Duration.ofSeconds(2);
  private static final Duration INDEX_PATIENCE = Duration.ofSeconds(5);
  private static final Duration RETRY_PATIENCE = Duration.ofMinutes(5);
  private static final Diagnostic INTERNAL_ERROR = Diagnostic.ours("4.3.0", "internal error, see the log");
  private static final Logger LOG = LoggerFactory.getLogger(Scheduler.class);

  /** What there is to deliver, and what the times of the queue mean for it. */
  private record Deliverable(DeliveryTask task, Lifespan life) {}

  private final QueueStores stores;
  private final Delivery delivery;
  private final Settlement settlement;
  private final InstantSource clock;
  private final ActiveQueue queue;
  private final DueRows dueRows;
  private final Bookkeeper books;
  private final Deadlines deadlines;
  private final Set<Lane> lanes = ConcurrentHashMap.newKeySet();
  private final AtomicBoolean isIndexFailing = new AtomicBoolean();
  private final AtomicBoolean areThreadsShort = new AtomicBoolean();
  private final Executor threads;

  /** {@code threads} runs each lane on a thread of its own; the settings are asked for at each use. */
  Scheduler(QueueStores stores, Delivery delivery, Settlement settlement, Supplier<QueueSettings> settings,
      InstantSource clock, Executor threads, Totals totals) {
    this.stores = stores;
    this.delivery = delivery;
    this.settlement = settlement;
    this.clock = clock;
    this.threads = threads;
    dueRows = new DueRows(stores.index(), settings);
    queue = new ActiveQueue(settings, clock, this::start);
    var nextDeadline = new AtomicReference<>(Instant.EPOCH); // nothing of the index is known yet
    books = new Bookkeeper(stores, delivery, settlement, queue, this::submit, clock, totals,
        at -> nextDeadline.accumulateAndGet(at, Deadlines::earlier));
    deadlines = new Deadlines(stores, queue, books, settlement, clock, nextDeadline);
  }

  /** Returns false when the system has no thread left; whoever has just brought mail must not suffer from that. */
  private boolean start(Site site) {
    var lane = new Lane(site, queue.newCondition(), this);
    lanes.add(lane);
    try {
      threads.execute(lane);
      areThreadsShort.set(false);
      return true;
    } catch (OutOfMemoryError | RejectedExecutionException e) { // the former when the system refuses, not the heap
      lanes.remove(lane);
      if (areThreadsShort.compareAndSet(false, true)) {
        LOG.atError().setCause(e).log("no thread for another delivery; mail waits for one");
      }
      return false;
    }
  }

  ActiveQueue queue() {
    return queue;
  }

  Bookkeeper books() {
    return books;
  }

  Deadlines deadlines() {
    return deadlines;
  }

  /** Learns from the index which destinations mail waits for. */
  void load() {
    stores.index().waiting().forEach(waiting -> queue.due(waiting.destination(), waiting.firstDue()));
  }

  /** Stops the destinations that are paused, before anything is loaded. */
  void pause() {
    stores.pauses()
        .all()
        .forEach((destination, pause) -> queue.change(destination, site -> site.pause = Optional.of(pause)));
  }

  /** Sends all that waits by the routes in force. Asks the index; attempts that run are not touched. */
  void reroute() {
    stores.writes().flush();
    stores.index().reroute(host -> delivery.destinationOf(new Mailbox("postmaster", host)));
    queue.inspect((sites, _) -> List.copyOf(sites.keySet())).forEach(this::withdraw);
    load();
  }

  /** Puts back into the index what is ready for a destination. */
  void withdraw(Destination destination) {
    queue.seizure().withdrawAll(destination).forEach((work, recipients) -> putBack(work, recipients, destination));
  }

  /**
   * Takes a message that is in the spool. Never throws: the message is safe, and what goes wrong here is repaired when the
   * queue is opened again.
   */
  void submit(QueuedMessage message) {
    try {
      var entry = new SpoolEntry(message, List.of());
      var work = Work.fresh(entry);
      if (entry.startsAt().isAfter(clock.instant())) {
        overflow(work); // it waits where thousands may (RFC 4865)
        return;
      }
      var byDestination = new LinkedHashMap<Destination, List<RecipientNumber>>();
      for (int i = 0; i < message.envelope().recipients().size(); i++) {
        var number = new RecipientNumber(i);
        byDestination.computeIfAbsent(delivery.destinationOf(message.envelope().recipient(number).address()),
            _ -> new ArrayList<>()).add(number);
      }
      if (!queue.admit(work, byDestination)) {
        overflow(work);
      }
    } catch (RuntimeException e) {
      LOG.atError().addKeyValue("id", message.id().value()).setCause(e).log("cannot schedule a message");
    }
  }

  private void overflow(Work work) {
    work.turn.lock();
    try {
      work.ledger(stores.spool()).ifPresent(ledger -> books.overflow(work, ledger));
    } finally {
      work.turn.unlock();
    }
  }

  /** Does all that is due now, and returns. */
  void step() {
    Instant now = clock.instant();
    books.settleAgain(now);
    deadlines.step(now);
    stores.pauses().end(now).forEach(MailLog::resumed);
    queue.serveWaiting();
    queue.refills().wake(now).forEach(site -> refill(site, now));
  }

  /** Steps until the queue is closed. Runs on a thread that nobody interrupts, because it asks the index. */
  void run() {
    while (!queue.isClosed()) {
      try {
        step();
      } catch (RuntimeException | Error e) { // without this thread what is deferred would wait for a restart
        LOG.atError().setCause(e).log("scheduler step failed");
      }
      queue.sleep(Deadlines.earlier(books.nextTime(), deadlines.nextTime()), LONGEST_SLEEP);
    }
  }

  /**
   * Lets running attempts finish, interrupts those that still run after {@code bound}, and writes what is in memory only.
   */
  void close(Duration bound) {
    if (!queue.close(bound)) {
      lanes.forEach(Lane::cut);
      queue.close(CUT_PATIENCE);
    }
    try {
      books.settleAgain(Instant.MAX);
      queue.inspect((sites, _) -> List.copyOf(sites.keySet())).forEach(this::withdraw);
      stores.writes().flush();
    } catch (RuntimeException e) { // it is all in the spool, and found there at the next start
      LOG.atError().setCause(e).log("cannot write the queue at the end");
    }
  }

  private void refill(Site site, Instant now) {
    var refill = queue.refills().begin(site, now.plus(LONGEST_SLEEP));
    if (refill.limit() == 0) {
      return;
    }
    try {
      queue.refills().end(site, refill, dueRows.of(site.destination, refill, now), now);
      isIndexFailing.set(false);
    } catch (RuntimeException | Error e) { // or nobody would ask for this destination any more
      queue.refills().postpone(site, refill, now.plus(INDEX_PATIENCE));
      if (isIndexFailing.compareAndSet(false, true)) {
        LOG.atError().setCause(e).log("cannot read the queue index");
      }
    }
  }

  @Override
  public Optional<ReadyTask.Taken> next(Lane lane) {
    return queue.next(lane);
  }

  @Override
  public void ended(Lane lane) {
    lanes.remove(lane);
    queue.ended(lane);
  }

  @Override
  public void attempt(Lane lane, ReadyTask.Taken taken) {
    var task = taken.task();
    try {
      var deliverable = deliverable(task);
      if (deliverable.isPresent()) {
        var attempt = taken.suspended().isPresent()
            ? suspended(deliverable.get().task(), taken.suspended().get())
            : deliver(lane, deliverable.get().task());
        settle(task, deliverable.get(), attempt, taken.suspended());
      }
    } catch (InterruptedException _) {
      // Cut at a shutdown, or interrupted by a bug. The flag is cleared already. It is due again, as after a crash.
      putBack(task.work(), task.recipients(), task.site().destination);
    } catch (RuntimeException e) {
      // What the peer was told may be lost now. The lease stays, so that nothing is delivered again before a restart.
      LOG.atError().addKeyValue("id", task.work().id.value()).setCause(e).log("cannot settle an attempt");
    } finally {
      queue.ended(task);
    }
  }

  /** Leaves recipients that were not tried to the index; what it has already needs no look at the spool. */
  private void putBack(Work work, List<RecipientNumber> recipients, Destination destination) {
    work.turn.lock();
    try {
      if (work.isIndexed) {
        queue.release(work, recipients, Map.of(destination, clock.instant()));
      } else {
        work.ledger(stores.spool()).ifPresent(ledger -> books.giveBack(work, ledger, recipients, clock.instant()));
      }
    } finally {
      work.turn.unlock();
    }
  }

  /** Returns what there is to deliver; what is done already, held or unreadable is put back where it belongs. */
  private Optional<Deliverable> deliverable(ReadyTask task) {
    var work = task.work();
    work.turn.lock();
    try {
      var ledger = work.ledger(stores.spool());
      if (ledger.isEmpty()) {
        books.vanished(work, task.recipients());
        return Optional.empty();
      }
      if (ledger.get().entry().isHeld()) {
        stores.index().setHeld(List.of(work.id), true); // the index had missed it
        books.giveBack(work, ledger.get(), task.recipients(), Site.NEVER);
        return Optional.empty();
      }
      var open = task.recipients().stream().filter(ledger.get()::isOpen).toList();
      books.done(work, task.recipients().stream().filter(recipient -> !open.contains(recipient)).toList());
      var life = ledger.get().lifespan();
      if (life.isOver(clock.instant())) { // RFC 2852 §4.1.3: no further attempt
        queue.settling(task);
        var verdicts = new HashMap<RecipientNumber, Verdict>();
        open.forEach(recipient -> verdicts.put(recipient, settlement.overdue(life, Optional.empty())));
        books.settle(work, verdicts, Verdict.Ground.OTHER);
        return Optional.empty();
      }
      return open.isEmpty()
          ? Optional.empty()
          : Optional.of(new Deliverable(new DeliveryTask(ledger.get().message(), open, task.site().destination,
              stores.spool().content(ledger.get().message())), life));
    } catch (RuntimeException e) { // also a bug: nothing was sent, so it can be tried again
      LOG.atError().addKeyValue("id", work.id.value()).setCause(e).log("cannot read a message");
      books.unreadable(work, queue.settling(task), task.site().destination, clock.instant().plus(RETRY_PATIENCE));
      return Optional.empty();
    } finally {
      work.turn.unlock();
    }
  }

  private Attempt deliver(Lane lane, DeliveryTask task) throws InterruptedException {
    try {
      return lane.deliver(delivery, task);
    } catch (RuntimeException | VirtualMachineError | LinkageError e) {
      // A bug of ours must not bounce a user's mail: it is tried again like any other.
      LOG.atError().addKeyValue("id", task.message().id().value()).setCause(e).log("attempt failed");
      return new Attempt(Map.of(), Attempt.SiteState.REACHED);
    }
  }

  /** Returns what is said of mail that was not tried because its destination does not answer. */
  static String suspended(String why) {
    return "delivery temporarily suspended: " + why;
  }

  private static Attempt suspended(DeliveryTask task, SiteHealth.State.BackingOff backingOff) {
    var why = backingOff.why();
    var outcomes = new HashMap<RecipientNumber, Outcome>();
    task.recipients()
        .forEach(recipient -> outcomes.put(recipient, new Outcome.Deferred(new Diagnostic(why.status(),
            suspended(why.text()), false, Optional.empty())))); // no server was asked for this message
    return new Attempt(outcomes, Attempt.SiteState.UNREACHED);
  }

  private void settle(ReadyTask task, Deliverable delivered, Attempt attempt,
      Optional<SiteHealth.State.BackingOff> suspended) {
    var outcomes = new TreeMap<RecipientNumber, Outcome>();
    delivered.task()
        .recipients()
        .forEach(recipient -> outcomes.put(recipient,
            attempt.outcomes().getOrDefault(recipient, new Outcome.Deferred(INTERNAL_ERROR))));
    Instant notBefore = suspended.isPresent()
        ? suspended.get().until()
        : queue.learn(task.site(), attempt.site(), outcomes.firstEntry().getValue().diagnostic());
    var work = task.work();
    work.turn.lock();
    try {
      var ground = suspended.isPresent() ? Verdict.Ground.OTHER : Verdict.Ground.ATTEMPT;
      var before = queue.settling(task);
      var verdicts = new TreeMap<RecipientNumber, Verdict>();
      outcomes.forEach((recipient, outcome) -> {
        int attempts = before.getOrDefault(recipient, 0) + (ground == Verdict.Ground.ATTEMPT ? 1 : 0);
        verdicts.put(recipient, settlement.judge(delivered.life(), outcome, attempts, notBefore));
      });
      books.settle(work, verdicts, ground);
    } finally {
      work.turn.unlock();
    }
  }
}
