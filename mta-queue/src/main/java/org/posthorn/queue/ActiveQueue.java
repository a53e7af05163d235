package org.posthorn.queue;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.locks.Condition;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.posthorn.queue.Outcome.Diagnostic;

/**
 * All of the queue that is in memory: destinations with what is ready for them, messages with their leases, lanes. One lock
 * guards it, held for microseconds and never over I/O. Safe for use by many threads.
 */
final class ActiveQueue {
  private final Supplier<QueueSettings> settings;
  private final InstantSource clock;
  private final LanePool lanes;

  private final QueueLock lock = new QueueLock();
  private final Condition changed = lock.newCondition();
  private final Sites sites;
  private final Works works = new Works();
  private final Seizure seizure;
  private final Refills refills;
  private boolean isClosed;
  private boolean isWoken;

  /** {@code start} runs a lane on a thread of its own and returns at once; false when there is no thread to be had. */
  ActiveQueue(Supplier<QueueSettings> settings, InstantSource clock, Predicate<Site> start) {
    this.settings = settings;
    this.clock = clock;
    this.lanes = new LanePool(start);
    this.sites = new Sites(settings, this::rouse);
    this.seizure = new Seizure(lock, sites, works);
    this.refills = new Refills(lock, sites, works, settings, this::dispatch);
  }

  /** Returns how operators get hold of what is in memory. */
  Seizure seizure() {
    return seizure;
  }

  /** Returns how destinations get mail from the index. */
  Refills refills() {
    return refills;
  }

  /** Returns what wakes a lane. */
  Condition newCondition() {
    return lock.newCondition();
  }

  /**
   * Takes a message that has just come in, also for a destination that is paused or slow. False when some of it is to wait
   * in the index, because memory is full.
   */
  boolean admit(Work work, Map<Destination, List<RecipientNumber>> byDestination) {
    return lock.call(() -> {
      boolean isAllIn = true;
      for (var entry : byDestination.entrySet()) {
        var site = sites.at(entry.getKey());
        if (isClosed || !works.hasRoomForFresh(site, entry.getValue().size(), settings.get())) {
          isAllIn = false;
        } else {
          var untried = new TreeMap<RecipientNumber, Integer>();
          entry.getValue().forEach(recipient -> untried.put(recipient, 0));
          enqueue(site, work, untried);
        }
        sites.rearm(site);
      }
      return isAllIn;
    });
  }

  /** Something that only the index has is due at {@code destination}, however long it may be there. */
  void due(Destination destination, Instant due) {
    change(destination, site -> {
      site.dueAt(due);
      site.wordAt(clock.instant());
    });
  }

  /** Changes a destination, and sees what follows. */
  void change(Destination destination, Consumer<Site> change) {
    lock.run(() -> {
      var site = sites.at(destination);
      change.accept(site);
      dispatch(site);
      sites.rearm(site);
    });
  }

  /** Opens lanes that there was no thread for before, if there is one now. */
  void serveWaiting() {
    lock.run(() -> lanes.serveWaiting(clock.instant(), settings.get().lanes()));
  }

  /** Waits for a task for {@code lane}, as long as its connection is kept; empty tells the lane that it has ended. */
  Optional<ReadyTask.Taken> next(Lane lane) {
    return lock.call(() -> {
      var taken = await(lane);
      if (taken.isEmpty()) {
        leave(lane);
      }
      sites.rearm(lane.site);
      return taken;
    });
  }

  /** The thread of {@code lane} has ended. When an error ended it, before {@link #next} did, its place goes to another. */
  void ended(Lane lane) {
    lock.run(() -> {
      if (!lane.hasLeft) {
        leave(lane);
        sites.rearm(lane.site);
      }
    });
  }

  private void leave(Lane lane) {
    lane.hasLeft = true;
    lanes.ended(lane);
    lanes.serveWaiting(clock.instant(), settings.get().lanes());
    dispatch(lane.site);
    changed.signalAll();
  }

  private Optional<ReadyTask.Taken> await(Lane lane) {
    long nanos = settings.get().laneIdle().toNanos();
    try {
      while (!isClosed && !lanes.mustYield(lane, settings.get().lanes())) {
        var taken = lane.site.poll(clock.instant());
        if (taken.isPresent() || nanos <= 0) {
          return taken;
        }
        nanos = lanes.await(lane, nanos);
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    return Optional.empty();
  }

  /** Learns from an attempt, and returns when the destination is tried again at the earliest. */
  Instant learn(Site site, Attempt.SiteState found, Diagnostic said) {
    return lock.call(() -> {
      Instant now = clock.instant();
      var before = site.health.state(now);
      switch (found) {
        case REACHED -> site.health.reached(settings.get().sites());
        case UNREACHED -> site.health.unreached(said, now, settings.get().sites());
      }
      return switch (site.health.state(now)) {
        case SiteHealth.State.Open _ -> {
          if (!(before instanceof SiteHealth.State.Open)) {
            MailLog.reachedAgain(site.destination);
          }
          yield now;
        }
        case SiteHealth.State.Probing _ -> now;
        case SiteHealth.State.BackingOff(var until, var why) -> {
          if (!(before instanceof SiteHealth.State.BackingOff)) {
            MailLog.backingOff(site.destination, until, why);
            leaveAlone(site);
          }
          yield until;
        }
      };
    });
  }

  /** Leaves to the index what it has of a destination that does not answer: it is due there until that does. */
  private void leaveAlone(Site site) {
    site.withdraw(work -> work.isIndexed).forEach((work, recipients) -> {
      works.release(work, recipients);
      works.forget(work);
      site.dueAt(clock.instant());
    });
    site.wordAt(clock.instant());
    sites.rearm(site);
  }

  /**
   * The outcomes of a task are known. Its recipients stay leased until what follows is written.
   *
   * @return how often each was tried before
   */
  Map<RecipientNumber, Integer> settling(ReadyTask task) {
    return lock.call(() -> {
      var attempts = new HashMap<RecipientNumber, Integer>();
      for (var recipient : task.recipients()) {
        Optional.ofNullable(task.work().leases.get(recipient)).ifPresent(lease -> {
          lease.stage = Work.Stage.SETTLING;
          attempts.put(recipient, lease.attempts);
        });
      }
      return attempts;
    });
  }

  /** A task leaves its place at its destination to another. */
  void ended(ReadyTask task) {
    lock.run(() -> {
      task.site().active--;
      dispatch(task.site());
      sites.rearm(task.site());
    });
  }

  /** Returns when the first deadline of what is in memory is over. */
  Instant firstDeadline() {
    return lock.call(works::firstDeadline);
  }

  /** Returns the messages in memory whose deadline is over at {@code now}, each once. */
  List<QueueId> takeOverdue(Instant now) {
    return lock.call(() -> works.takeOverdue(now));
  }

  /** Whether nothing else of {@code work} is about to be tried, so that a report can tell all. */
  boolean isPassOver(Work work) {
    return lock.call(() -> !work.isUnderWay());
  }

  /** Ends leases; {@code due} says where and when what is left of the message is due again. */
  void release(Work work, Collection<RecipientNumber> released, Map<Destination, Instant> due) {
    lock.run(() -> {
      for (var site : works.release(work, released)) {
        if (work.hasOthers()) {
          site.dueAt(clock.instant()); // while it was leased, the index kept back all of it
          if (site.isBackingOff()) {
            site.wordAt(firstWord(work));
          }
        }
        sites.rearm(site);
      }
      due.forEach((destination, time) -> backInIndex(destination, time, work.priority > 0));
      works.forget(work);
      if (refills.canFeed()) {
        rouse();
      }
    });
  }

  /** Returns when the sender of a message hears of it at the earliest, which may have come while it was leased. */
  private Instant firstWord(Work work) {
    return work.message()
        .map(message -> settings.get().retry().firstWord(message.queuedAt()))
        .orElseGet(clock::instant);
  }

  /** Something that was in memory is in the index, to be tried at {@code due}. */
  private void backInIndex(Destination destination, Instant due, boolean isUrgent) {
    change(destination, site -> {
      site.dueAt(due);
      if (isUrgent) {
        site.urgentAt(due);
      }
      if (site.isBackingOff()) { // which due times do not end; but by then a sender may have to hear something
        Instant now = clock.instant();
        site.wordAt(due.isAfter(now) ? due : settings.get().retry().firstWord(now));
      }
    });
  }

  /** Keeps a message in memory, even without a lease, because something is left to settle; or no longer. */
  void keep(Work work, boolean isKept) {
    lock.run(() -> {
      work.isKept = isKept;
      works.forget(work);
    });
  }

  /** Returns what {@code look} makes of what is in memory; quickly, for everything waits meanwhile. */
  <T> T inspect(BiFunction<Map<Destination, Site>, Map<QueueId, Work>, T> look) {
    return lock.call(() -> look.apply(sites.all(), works.all()));
  }

  /** Sleeps until something is due at a destination, or until {@code until}, but no longer than {@code longest}. */
  void sleep(Instant until, Duration longest) {
    lock.run(() -> {
      Instant now = clock.instant();
      Instant first = until.isBefore(sites.firstTime()) ? until : sites.firstTime();
      long nanos = first.isBefore(now.plus(longest)) ? Duration.between(now, first).toNanos() : longest.toNanos();
      awaitWhile(() -> !isWoken && !isClosed, nanos);
      isWoken = false;
    });
  }

  /** Lets no further task begin, and waits for those that run; false when some still run after {@code bound}. */
  boolean close(Duration bound) {
    return lock.call(() -> {
      isClosed = true;
      lanes.close();
      changed.signalAll();
      return awaitWhile(() -> lanes.open() > 0, bound.toNanos());
    });
  }

  boolean isClosed() {
    return lock.call(() -> isClosed);
  }

  private boolean awaitWhile(Supplier<Boolean> condition, long nanos) {
    long remaining = nanos;
    try {
      while (condition.get() && remaining > 0) {
        remaining = changed.awaitNanos(remaining);
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    return !condition.get();
  }

  private void enqueue(Site site, Work work, Map<RecipientNumber, Integer> attempts) {
    works.enqueue(site, work, attempts);
    dispatch(site);
  }

  private void dispatch(Site site) {
    boolean _ = lanes.dispatch(site, clock.instant(), settings.get().lanes());
  }

  private void rouse() {
    isWoken = true;
    changed.signalAll();
  }
}
