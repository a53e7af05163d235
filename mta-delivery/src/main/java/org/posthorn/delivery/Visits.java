package org.posthorn.delivery;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.posthorn.queue.Destination;

/**
 * Servers that have come for their mail: which connection there is to a destination that cannot be connected to. One lane
 * uses it at a time. Safe for use by many threads.
 */
public final class Visits {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Map<Destination, Visit> visits = new HashMap<>(); // guarded by the lock

  private static final class Visit {
    private final SmtpConnection connection;
    private boolean isInUse;
    private boolean isOver;

    Visit(SmtpConnection connection) {
      this.connection = connection;
    }
  }

  /** Nobody is there. */
  public Visits() {}

  /** Whether somebody is there for one of {@code destinations}. */
  public boolean isVisited(Set<Destination> destinations) {
    lock.lock();
    try {
      return destinations.stream().anyMatch(visits::containsKey);
    } finally {
      lock.unlock();
    }
  }

  /** Begins a visit; false when there is one already for one of {@code destinations}. */
  boolean begin(Set<Destination> destinations, SmtpConnection connection) {
    lock.lock();
    try {
      if (isVisited(destinations)) {
        return false;
      }
      var visit = new Visit(connection);
      destinations.forEach(destination -> visits.put(destination, visit));
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Waits for at most {@code longest}; returns whether the visit is over because its connection is of no use any more. */
  boolean awaitOver(Set<Destination> destinations, Duration longest) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long left = longest.toNanos();
      while (left > 0 && !isOver(destinations)) {
        left = changed.awaitNanos(left);
      }
      return isOver(destinations);
    } finally {
      lock.unlock();
    }
  }

  private boolean isOver(Set<Destination> destinations) {
    return destinations.stream().map(visits::get).anyMatch(visit -> visit == null || visit.isOver);
  }

  /** Ends a visit, once no lane uses it. */
  void end(Set<Destination> destinations) {
    lock.lock();
    try {
      while (destinations.stream().map(visits::get).anyMatch(visit -> visit != null && visit.isInUse)) {
        changed.awaitUninterruptibly();
      }
      destinations.forEach(visits::remove);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Waits for the connection to {@code destination}; empty when there is none. It is to be given back by {@link #leave}. */
  Optional<SmtpConnection> enter(Destination destination) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      for (var visit = visits.get(destination); visit != null && !visit.isOver; visit = visits.get(destination)) {
        if (!visit.isInUse) {
          visit.isInUse = true;
          return Optional.of(visit.connection);
        }
        changed.await();
      }
      return Optional.empty();
    } finally {
      lock.unlock();
    }
  }

  /** Gives the connection to {@code destination} back; {@code isOfUse} unless it can carry nothing more. */
  void leave(Destination destination, boolean isOfUse) {
    lock.lock();
    try {
      var visit = visits.get(destination);
      if (visit != null) {
        visit.isInUse = false;
        visit.isOver |= !isOfUse;
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
