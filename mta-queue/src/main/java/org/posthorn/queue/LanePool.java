package org.posthorn.queue;

import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.SequencedSet;
import java.util.function.Predicate;

/**
 * Shares a bounded number of lanes among the destinations. Destinations take turns: while one that has mail has no lane at
 * all, others give up a lane after its current task. Guarded by the lock of the {@link ActiveQueue}.
 */
final class LanePool {
  /** Tasks that the only lane of a destination may do while others have none. */
  private static final int TURN = 20;

  private final Predicate<Site> start;
  private final SequencedSet<Lane> idle = new LinkedHashSet<>();
  private final SequencedSet<Site> starving = new LinkedHashSet<>();
  private final SequencedSet<Site> wanting = new LinkedHashSet<>();
  private int open;
  private boolean isClosed;

  /** {@code start} runs a lane on a thread of its own and returns at once; false when there is no thread to be had. */
  LanePool(Predicate<Site> start) {
    this.start = start;
  }

  /**
   * Sees to it that {@code site} has as many lanes as it has tasks, as far as its limit and {@code most} allow; false when
   * there is no thread for one, so that it waits with others.
   */
  boolean dispatch(Site site, Instant now, int most) {
    int missing = isClosed ? 0 : site.pollable(now) - (site.lanes - site.active - site.idle.size());
    for (; missing > 0; missing--) {
      if (!site.idle.isEmpty()) {
        rouse(site.idle.getFirst());
      } else if (open >= most || site.lanes >= site.health.limit(now)) {
        queueUp(site, now);
        return true;
      } else if (!open(site)) {
        queueUp(site, now);
        return false;
      }
    }
    return true;
  }

  private boolean open(Site site) {
    site.lanes++;
    open++;
    boolean isOpen = start.test(site);
    if (!isOpen) {
      site.lanes--;
      open--;
    }
    return isOpen;
  }

  private void queueUp(Site site, Instant now) {
    if (site.lanes == 0) {
      starving.add(site);
      if (!idle.isEmpty()) {
        idle.getFirst().isEvicted = true;
        rouse(idle.getFirst());
      }
    } else if (site.lanes < site.health.limit(now)) {
      wanting.add(site);
    }
  }

  /** Gives free lanes to destinations that wait for one. */
  void serveWaiting(Instant now, int most) {
    boolean areThreadsLeft = true;
    while (areThreadsLeft && open < most && !(starving.isEmpty() && wanting.isEmpty())) {
      areThreadsLeft = dispatch(starving.isEmpty() ? wanting.removeFirst() : starving.removeFirst(), now, most);
    }
  }

  /** Whether {@code lane} has to end so that another destination gets its turn. */
  boolean mustYield(Lane lane, int most) {
    return lane.isEvicted || open > most
        || (!starving.isEmpty() && open >= most && (lane.site.lanes > 1 || lane.tasks >= TURN));
  }

  /**
   * Waits for a task for at most {@code nanos}; returns how long is left. The lane that waits the shortest is the next to get
   * one: so those that there is no need for any more have nothing to do, and end.
   */
  @SuppressWarnings("WaitNotInLoop") // the caller loops
  long await(Lane lane, long nanos) throws InterruptedException {
    lane.site.idle.addFirst(lane);
    idle.add(lane);
    try {
      return lane.roused.awaitNanos(nanos);
    } finally {
      lane.site.idle.remove(lane);
      idle.remove(lane);
    }
  }

  /** A lane has ended, or will not take another task. */
  void ended(Lane lane) {
    lane.site.lanes--;
    open--;
  }

  /** Returns how many lanes may still be running a task. */
  int open() {
    return open;
  }

  /** Opens no further lanes, and ends the idle ones. */
  void close() {
    isClosed = true;
    idle.forEach(lane -> lane.roused.signal());
  }

  private void rouse(Lane lane) {
    lane.site.idle.remove(lane);
    idle.remove(lane);
    lane.roused.signal();
  }
}
