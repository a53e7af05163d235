package org.posthorn.delivery;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.posthorn.queue.Destination;
import org.posthorn.queue.RemoteMta;

/**
 * Servers that have come for their mail: which connection there is to a destination that cannot be connected to. One lane
 * uses it at a time. Safe for use by many threads.
 */
public final class Visits {
  /** A lane that waits is one that other destinations lack, and a server may have many domains and a slow line. */
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final InstantSource clock;
  private final Duration patience;
  private final Map<Destination, Stay> stays = new HashMap<>(); // guarded by the lock
  private long begun; // guarded by the lock
  private long messages; // guarded by the lock

  /**
   * A server that is here.
   *
   * @param server how logs name it
   * @param destinations whose mail it has come for
   * @param since when it came
   * @param messages that it has taken so far
   */
  public record Visit(RemoteMta server, Set<Destination> destinations, Instant since, long messages) {
    public Visit {
      destinations = Set.copyOf(destinations);
    }
  }

  /** What a lane leaves behind when it gives a connection back. */
  enum Use {
    /** Nothing was handed over, and more can be tried. */
    NOTHING_TAKEN,
    /** A message was handed over, and more can be. */
    TAKEN,
    /** A message was handed over, and nothing more can be. */
    TAKEN_AND_OVER,
    /** The connection is of no use any more. */
    OVER;

    /** Returns what it comes to when the server {@code hasTaken} a message, and its connection {@code isOfUse} still. */
    static Use of(boolean hasTaken, boolean isOfUse) {
      if (hasTaken) {
        return isOfUse ? TAKEN : TAKEN_AND_OVER;
      }
      return isOfUse ? NOTHING_TAKEN : OVER;
    }
  }

  private static final class Stay {
    private final SmtpConnection connection;
    private final Set<Destination> destinations;
    private final Instant since;
    private Instant used;
    private long messages;
    private boolean isInUse;
    private boolean isOver;
    private boolean hasPutOff;

    Stay(SmtpConnection connection, Set<Destination> destinations, Instant now) {
      this.connection = connection;
      this.destinations = Set.copyOf(destinations);
      this.since = now;
      this.used = now;
    }

    Visit visit() {
      return new Visit(connection.remote(), destinations, since, messages);
    }
  }

  /** Nobody is there. */
  public Visits(InstantSource clock) {
    this(clock, PATIENCE);
  }

  /** Lets a lane wait for {@code patience} at most while another uses the connection. */
  Visits(InstantSource clock, Duration patience) {
    this.clock = clock;
    this.patience = patience;
  }

  /** Returns who is there, the first to come first. */
  public List<Visit> now() {
    lock.lock();
    try {
      return stays.values()
          .stream()
          .distinct()
          .map(Stay::visit)
          .sorted((one, other) -> one.since().compareTo(other.since()))
          .toList();
    } finally {
      lock.unlock();
    }
  }

  /** Returns how many have come since the start. */
  public long begun() {
    lock.lock();
    try {
      return begun;
    } finally {
      lock.unlock();
    }
  }

  /** Returns how many messages they have taken. */
  public long messages() {
    lock.lock();
    try {
      return messages;
    } finally {
      lock.unlock();
    }
  }

  /** Whether somebody is there for one of {@code destinations}. */
  public boolean isVisited(Set<Destination> destinations) {
    lock.lock();
    try {
      return destinations.stream().anyMatch(stays::containsKey);
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
      var stay = new Stay(connection, destinations, clock.instant());
      destinations.forEach(destination -> stays.put(destination, stay));
      begun++;
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Returns the visit for {@code destinations}, which has begun and not ended. */
  Visit of(Set<Destination> destinations) {
    lock.lock();
    try {
      return destinations.stream()
          .flatMap(destination -> Optional.ofNullable(stays.get(destination)).stream())
          .findFirst()
          .orElseThrow(() -> new IllegalStateException("nobody is there for " + destinations))
          .visit();
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
    return destinations.stream().map(stays::get).anyMatch(stay -> stay == null || stay.isOver);
  }

  /** Whether no lane has used the connection for longer than {@code longest}; the time limits of its steps are its own. */
  boolean isIdle(Set<Destination> destinations, Duration longest) {
    lock.lock();
    try {
      Instant latest = clock.instant().minus(longest);
      return destinations.stream()
          .map(stays::get)
          .allMatch(stay -> stay == null || (!stay.isInUse && stay.used.isBefore(latest)));
    } finally {
      lock.unlock();
    }
  }

  /** Ends a visit, once no lane uses it. */
  void end(Set<Destination> destinations) {
    lock.lock();
    try {
      while (destinations.stream().map(stays::get).anyMatch(stay -> stay != null && stay.isInUse)) {
        changed.awaitUninterruptibly();
      }
      destinations.forEach(stays::remove);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Whether a lane found the connection in use for too long since this was last asked, so that its mail can be tried again. */
  boolean takePutOff(Set<Destination> destinations) {
    lock.lock();
    try {
      boolean hasPutOff = false;
      for (var destination : destinations) {
        var stay = stays.get(destination);
        if (stay != null && !stay.isOver) {
          hasPutOff |= stay.hasPutOff;
          stay.hasPutOff = false;
        }
      }
      return hasPutOff;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits for the connection to {@code destination}; empty when there is none, or it stays in use. It is to be given back by
   * {@link #leave}.
   */
  Optional<SmtpConnection> enter(Destination destination) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long left = patience.toNanos();
      for (var stay = stays.get(destination); stay != null && !stay.isOver; stay = stays.get(destination)) {
        if (!stay.isInUse) {
          stay.isInUse = true;
          return Optional.of(stay.connection);
        }
        if (left <= 0) {
          stay.hasPutOff = true;
          break;
        }
        left = changed.awaitNanos(left);
      }
      return Optional.empty();
    } finally {
      lock.unlock();
    }
  }

  /** Gives the connection to {@code destination} back. */
  void leave(Destination destination, Use use) {
    lock.lock();
    try {
      var stay = stays.get(destination);
      if (stay != null) {
        stay.isInUse = false;
        stay.used = clock.instant();
        count(use, stay);
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void count(Use use, Stay stay) {
    switch (use) {
      case TAKEN, TAKEN_AND_OVER -> {
        stay.messages++;
        messages++;
      }
      case NOTHING_TAKEN, OVER -> {
        // nothing to count
      }
    }
    stay.isOver |= use == Use.OVER || use == Use.TAKEN_AND_OVER;
  }
}
