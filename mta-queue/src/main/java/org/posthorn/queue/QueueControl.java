package org.posthorn.queue;

import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/**
 * What the operator sees of the queue and does with it. Safe for use by many threads; the calls block for disk and index,
 * and throw {@link StoreException} or {@link SpoolException} when these fail.
 *
 * <p>A command means whole messages: those of which any recipient that waits matches the filter. What is being tried at the
 * moment is never cut: its outcome counts, and the command decides what becomes of what the attempt leaves.
 */
public final class QueueControl {
  /** Whether a command acts. */
  public enum Mode {
    /** It does. */
    ACT,
    /** It only counts what it would act on. */
    DRY_RUN
  }

  /** A message with everything that is known of it. */
  public record Details(SpoolEntry entry, List<QueueEntry> waiting) {}

  /** Messages that are dealt with one after the other; more than that side by side, for the disk does that in less time. */
  private static final int FEW = 16;

  private final QueueStores stores;
  private final Scheduler scheduler;
  private final QueueView view;
  private final InstantSource clock;

  QueueControl(QueueStores stores, Scheduler scheduler, Supplier<QueueSettings> settings, Totals totals,
      InstantSource clock) {
    this.stores = stores;
    this.scheduler = scheduler;
    this.clock = clock;
    view = new QueueView(stores, scheduler.queue(), settings, totals, clock);
  }

  /** Shows the recipients that wait and match {@code filter} to {@code visitor}, in order of id and recipient. */
  public void list(QueueFilter filter, Consumer<QueueEntry> visitor) {
    view.list(filter, visitor);
  }

  /** Returns all that is known of a message; empty when there is none. */
  public Optional<Details> show(QueueId id) {
    var waiting = new ArrayList<QueueEntry>();
    view.list(QueueFilter.of(id), waiting::add);
    return stores.spool().read(id).map(entry -> new Details(entry, waiting));
  }

  /** Whether the spool has a message. */
  public boolean has(QueueId id) {
    return stores.spool().read(id).isPresent();
  }

  /** Returns the content of a message; empty when there is none. It may vanish before it is opened. */
  public Optional<MessageContent> content(QueueId id) {
    return stores.spool().read(id).map(_ -> stores.spool().content(id));
  }

  /** Returns how every destination fares that mail waits for, or that is not as usual, in order of name. */
  public List<SiteStatus> destinations() {
    return view.destinations();
  }

  /** Counts. Costs in proportion to the messages on hold and the destinations. */
  public QueueCounts counts() {
    return view.counts();
  }

  /** Counts the messages that their senders want to be sent on later. */
  public long scheduled() {
    return stores.index().scheduled(clock.instant());
  }

  /** Returns at most {@code limit} of them that count for {@code account}. What came in just now may be missing. */
  public List<QueueIndex.Scheduled> scheduledFor(String account, int limit) {
    return stores.index().scheduledFor(account, clock.instant(), limit);
  }

  /** Returns how many of them each account has. What came in just now may be missing. */
  public List<QueueIndex.ScheduledTotal> scheduledByAccount() {
    return stores.index().scheduledByAccount(clock.instant());
  }

  /**
   * Makes messages due now, and their destinations worth a connection; those stay that are on hold, or wait for a time that
   * their senders set. Returns how many.
   */
  public long retry(QueueFilter filter, Mode mode) {
    return retry(filter, mode, _ -> true);
  }

  /** The same for all messages with a recipient that is {@code meant}. Costs in proportion to the queue. */
  public long retry(Predicate<QueueEntry> meant) {
    return retry(QueueFilter.ALL, Mode.ACT, meant);
  }

  private long retry(QueueFilter filter, Mode mode, Predicate<QueueEntry> meant) {
    return sweep(filter, mode, entry -> !isKeptBack(entry) && meant.test(entry), batch -> {
      stores.index().reschedule(batch.ids(), clock.instant());
      batch.destinations().forEach(destination -> scheduler.queue().change(destination, site -> {
        site.health.reopen();
        site.dueAt(clock.instant());
      }));
      batch.ids().forEach(id -> MailLog.operator(id, "retry"));
      return batch.ids().size();
    });
  }

  /** Holds messages back until they are released. Returns how many were not on hold before. */
  public long hold(QueueFilter filter, Mode mode) {
    return sweep(filter, mode, entry -> !entry.listing().held(),
        batch -> act(batch.ids(), "hold", this::hold, held -> stores.index().setHeld(held, true)));
  }

  private static boolean isKeptBack(QueueEntry entry) {
    return entry.listing().held() || entry.state() == QueueEntry.State.SCHEDULED;
  }

  /**
   * Lets messages on hold go on, and those that are not on hold go before the time that their senders set. Returns how many
   * were one or the other.
   */
  public long release(QueueFilter filter, Mode mode) {
    return sweep(filter, mode, QueueControl::isKeptBack, batch -> {
      Set<Destination> destinations = ConcurrentHashMap.newKeySet();
      Set<QueueId> early = ConcurrentHashMap.newKeySet();
      long count = act(batch.ids(), "release", (work, ledger) -> release(work, ledger, destinations, early),
          released -> {
            stores.index().setHeld(released.stream().filter(id -> !early.contains(id)).toList(), false);
            stores.index().reschedule(List.copyOf(early), clock.instant());
            scheduler.deadlines().lookAgain(clock.instant());
          });
      destinations.forEach(destination -> scheduler.queue().due(destination, clock.instant()));
      return count;
    });
  }

  /** Returns messages to their senders, with a DSN where one is wanted. Returns how many. */
  public long bounce(QueueFilter filter, Mode mode) {
    return sweep(filter, mode, _ -> true, batch -> act(batch.ids(), "bounce",
        (work, ledger) -> end(work, ledger, Ledger.Intent.RETURN, new Verdict.Bounce(Bookkeeper.RETURNED)), _ -> {}));
  }

  /** Removes messages, and tells nobody. Returns how many. */
  public long delete(QueueFilter filter, Mode mode) {
    return sweep(filter, mode, _ -> true, batch -> act(batch.ids(), "delete",
        (work, ledger) -> end(work, ledger, Ledger.Intent.DELETE, new Verdict.Drop()), _ -> {}));
  }

  /** Whether something is being tried at {@code destination}, or is to be at once, which nothing is while it is paused. */
  public boolean isBusy(Destination destination) {
    Instant now = clock.instant();
    return scheduler.queue().inspect((sites, _) -> {
      var site = sites.get(destination);
      return site != null
          && (site.active > 0 || (site.pause.isEmpty()
              && (site.hasReady() || site.isRefilling || site.isHungry || !site.nextDue.isAfter(now))));
    });
  }

  /** Stops a destination; what is being tried ends as it will. It outlasts a restart. */
  public void pause(Destination destination, Pause pause) {
    stores.pauses().put(destination, pause);
    scheduler.queue().change(destination, site -> site.pause = Optional.of(pause));
    scheduler.withdraw(destination);
    MailLog.paused(destination, pause);
  }

  /** Lets mail go to a destination again, and tries it at once if it did not answer before. */
  public void resume(Destination destination) {
    stores.pauses().remove(destination);
    scheduler.queue().change(destination, site -> {
      site.pause = Optional.empty();
      site.health.reopen();
      site.dueAt(clock.instant());
    });
    MailLog.resumed(destination);
  }

  private boolean hold(Work work, Ledger ledger) {
    if (ledger.entry().isHeld()) {
      return false;
    }
    record(work, ledger, new SpoolEvent.Held(clock.instant()));
    scheduler.books().index(work, ledger, scheduler.queue().seizure().withdraw(work));
    return true;
  }

  private boolean release(Work work, Ledger ledger, Set<Destination> destinations, Set<QueueId> early) {
    if (ledger.entry().isHeld()) {
      record(work, ledger, new SpoolEvent.Released(clock.instant()));
    } else if (ledger.entry().startsAt().isAfter(clock.instant())) { // else only the index still has it on hold
      record(work, ledger, new SpoolEvent.ReleasedEarly(clock.instant()));
      early.add(work.id);
    }
    destinations.addAll(scheduler.books().destinations(ledger).values());
    return true;
  }

  private void record(Work work, Ledger ledger, SpoolEvent event) {
    stores.spool().record(work.id, List.of(event));
    ledger.recorded(event);
  }

  private boolean end(Work work, Ledger ledger, Ledger.Intent intent, Verdict verdict) {
    ledger.intent = intent;
    var verdicts = new HashMap<RecipientNumber, Verdict>();
    scheduler.queue()
        .seizure()
        .take(work, scheduler.books().destinations(ledger))
        .forEach(recipient -> verdicts.put(recipient, verdict));
    scheduler.books().settle(work, verdicts, Verdict.Ground.OTHER);
    return true;
  }

  /** Does {@code action}, which returns to how many messages it was done, to what is meant, or counts that. */
  private long sweep(QueueFilter filter, Mode mode, Predicate<QueueEntry> meant, ToLongFunction<Sweep.Batch> action) {
    var done = new AtomicLong();
    long found = Sweep.over(view, filter, clock.instant(), meant, mode == Mode.DRY_RUN
        ? _ -> {}
        : batch -> done.addAndGet(action.applyAsLong(batch)));
    return mode == Mode.DRY_RUN ? found : done.get();
  }

  private long act(List<QueueId> ids, String name, BiPredicate<Work, Ledger> action,
      Consumer<List<QueueId>> afterwards) {
    var done = new ConcurrentLinkedQueue<QueueId>();
    Consumer<QueueId> act = id -> {
      if (act(id, action)) {
        done.add(id);
        MailLog.operator(id, name);
      }
    };
    try {
      if (ids.size() <= FEW) {
        ids.forEach(act);
      } else {
        SideBySide.run(ids, act);
      }
    } finally { // what is on disk must reach the index even when the disk refuses the rest
      stores.writes().flush();
      afterwards.accept(done.stream().sorted().toList());
    }
    return done.size();
  }

  private boolean act(QueueId id, BiPredicate<Work, Ledger> action) {
    var work = scheduler.queue().seizure().seize(id);
    work.turn.lock();
    try {
      var ledger = work.ledger(stores.spool());
      return ledger.isPresent() && action.test(work, ledger.get());
    } finally {
      work.turn.unlock();
      scheduler.queue().seizure().letGo(work);
    }
  }
}
