package org.posthorn.queue;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedSet;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Which destinations are to get something from the index, how much, and what of it goes into their ready queues. However much
 * waits, and wherever, memory holds a bounded part of it. Safe for use by many threads.
 */
final class Refills {
  /** Recipients that a destination without any may take even when memory is full, as long as it is not twice as full. */
  private static final int FOOTHOLD = 20;
  private static final int FOOTHOLD_FACTOR = 2;

  /**
   * What the index gave, the first due first.
   *
   * @param isCut whether there may be more
   */
  record Run(List<QueueIndex.Row> rows, boolean isCut) {
    Run {
      rows = List.copyOf(rows);
    }

    /** Returns how many of them are due at {@code now}. */
    int due(Instant now) {
      return (int) rows.stream().takeWhile(row -> !row.due().isAfter(now)).count();
    }
  }

  /** What to ask the index for. */
  record Refill(Kind kind, int limit, Set<QueueId> leased) {
    /** Which recipients are wanted. */
    enum Kind {
      /** Those that are due. */
      DUE,
      /** Those whose senders are to hear something, while the destination backs off and nothing is tried. */
      WORD
    }

    private void note(Site site, Instant moment) {
      switch (kind) {
        case DUE -> site.dueAt(moment);
        case WORD -> site.wordAt(moment);
      }
    }
  }

  private final QueueLock lock;
  private final Sites sites;
  private final Works works;
  private final Supplier<QueueSettings> settings;
  private final Consumer<Site> dispatch;
  /** Destinations that something is due for and that nothing is in memory of, while there is no room for it; in turn. */
  private final SequencedSet<Site> hungry = new LinkedHashSet<>();

  /** {@code lock} guards the others; {@code dispatch} gives lanes to a destination, with the lock held. */
  Refills(QueueLock lock, Sites sites, Works works, Supplier<QueueSettings> settings, Consumer<Site> dispatch) {
    this.lock = lock;
    this.sites = sites;
    this.works = works;
    this.settings = settings;
    this.dispatch = dispatch;
  }

  /** Whether a destination waits for room that there is now. Call it with the lock. */
  boolean canFeed() {
    return !hungry.isEmpty() && foothold() > 0;
  }

  /** Lets time pass for the destinations that wait for it, and returns those to be refilled. */
  List<Site> wake(Instant now) {
    return lock.call(() -> {
      var due = new ArrayList<Site>();
      for (int left = foothold(); left > 0 && !hungry.isEmpty(); left -= FOOTHOLD) {
        var site = hungry.removeFirst();
        site.isHungry = false;
        look(site, now, due);
      }
      sites.ring(now).forEach(site -> look(site, now, due));
      return due;
    });
  }

  private void look(Site site, Instant now, List<Site> due) {
    site.health.state(now);
    site.pause = site.pause.filter(pause -> !pause.isOver(now));
    Instant next = site.nextUrgent.isBefore(site.nextDue) ? site.nextUrgent : site.nextDue;
    dispatch.accept(site); // a pause may have ended, and what is ready waits for nothing that the index has
    if (site.pause.isPresent() || (site.isBackingOff() ? site.nextWord : next).isAfter(now)) {
      sites.rearm(site);
    } else {
      site.isRefilling = true;
      due.add(site);
    }
  }

  /**
   * Begins to refill a destination: from here on, what becomes due there is noted anew. With a limit of none there is nothing
   * to ask for now; the destination is looked at again when there is room.
   */
  Refill begin(Site site, Instant later) {
    return lock.call(() -> {
      int limit = room(site);
      var kind = site.isBackingOff() ? Refill.Kind.WORD : Refill.Kind.DUE;
      site.nextUrgent = Site.NEVER;
      if (limit <= 0) {
        site.isRefilling = false;
        site.isHungry = site.readyRecipients() == 0;
        if (site.isHungry) {
          hungry.addLast(site);
        } else {
          lookNext(site, kind, later);
          site.nextUrgent = later; // there may be something, and soon there will be room
        }
        sites.rearm(site);
        return new Refill(kind, 0, Set.of());
      }
      lookNext(site, kind, Site.NEVER);
      return new Refill(kind, limit, site.leased());
    });
  }

  private static void lookNext(Site site, Refill.Kind kind, Instant when) {
    switch (kind) {
      case DUE -> site.nextDue = when;
      case WORD -> site.nextWord = when;
    }
  }

  private int room(Site site) {
    int ready = site.readyRecipients();
    int room = Math.min(settings.get().readyRecipients() - ready,
        settings.get().memoryRecipients() - works.recipients());
    int limit = Math.max(room, ready == 0 ? Math.min(FOOTHOLD, foothold()) : 0);
    // One is enough to find out whether a destination answers again.
    return site.health.peek() instanceof SiteHealth.State.Probing ? Math.min(limit, FOOTHOLD) : limit;
  }

  private int foothold() {
    return FOOTHOLD_FACTOR * settings.get().memoryRecipients() - works.recipients();
  }

  /**
   * Puts what the index gave into the ready queue as far as it is due at {@code now}.
   *
   * @param runs what it gave, the most urgent first
   */
  void end(Site site, Refill asked, List<Run> runs, Instant now) {
    lock.run(() -> {
      site.isRefilling = false;
      var due = new LinkedHashMap<QueueId, Map<RecipientNumber, Integer>>();
      var priorities = new HashMap<QueueId, Integer>();
      for (var run : runs) {
        var rows = run.rows();
        var ready = rows.stream().takeWhile(row -> !row.due().isAfter(now)).toList();
        if (ready.size() < rows.size()) {
          asked.note(site, rows.get(ready.size()).due());
          noteUrgent(site, rows.get(ready.size()), rows.get(ready.size()).due());
        } else if (run.isCut()) {
          asked.note(site, now); // there may be more; behind a row that is not due nothing is
          noteUrgent(site, rows.getLast(), now);
        }
        ready.stream()
            .filter(row -> !works.isLeased(row.id(), row.recipient()))
            .forEach(row -> {
              due.computeIfAbsent(row.id(), _ -> new TreeMap<>()).put(row.recipient(), row.attempts());
              priorities.put(row.id(), row.priority());
            });
      }
      if (asked.kind() == Refill.Kind.DUE && site.isBackingOff()) {
        site.dueAt(now); // it stopped answering meanwhile
      } else {
        due.forEach((id, attempts) -> {
          var work = works.at(id);
          work.priority = priorities.getOrDefault(id, 0);
          works.enqueue(site, work, attempts);
        });
        dispatch.accept(site);
      }
      sites.rearm(site);
    });
  }

  private static void noteUrgent(Site site, QueueIndex.Row row, Instant due) {
    if (row.priority() > 0) {
      site.urgentAt(due);
    }
  }

  /** Leaves a destination to be refilled at {@code later}, because the index did not answer. */
  void postpone(Site site, Refill asked, Instant later) {
    lock.run(() -> {
      site.isRefilling = false;
      asked.note(site, later);
      sites.rearm(site);
    });
  }
}
