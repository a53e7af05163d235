package org.posthorn.queue;

import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** One thread's work for one destination: task after task over one connection, until none comes for a while. */
final class Lane implements Runnable {
  /** What a lane does with a task. */
  interface Attempts {
    /** Waits for the next task; empty ends the lane. */
    Optional<ReadyTask.Taken> next(Lane lane);

    /** Tries a task, and settles what follows. */
    void attempt(Lane lane, ReadyTask.Taken taken);

    /** The lane has ended, by {@link #next} or by an error. */
    void ended(Lane lane);
  }

  final Site site;
  /** Wakes the lane when it is idle. Guarded by the {@link ActiveQueue}, as the flags are. */
  final Condition roused;
  boolean isEvicted;
  /** Whether the place of the lane was given to others. */
  boolean hasLeft;
  /** Tasks taken so far; only the lane's own thread uses it. */
  int tasks;

  private final Attempts attempts;
  private final ReentrantLock interruption = new ReentrantLock();
  private Optional<Thread> delivering = Optional.empty();
  private boolean isCut;
  private Optional<Delivery.Lane> way = Optional.empty();

  Lane(Site site, Condition roused, Attempts attempts) {
    this.site = site;
    this.roused = roused;
    this.attempts = attempts;
  }

  @Override
  public void run() {
    try {
      for (var taken = attempts.next(this); taken.isPresent(); taken = attempts.next(this)) {
        tasks++;
        attempts.attempt(this, taken.get());
      }
    } finally {
      attempts.ended(this);
      way.ifPresent(Delivery.Lane::close);
    }
  }

  /** Delivers over the connection of this lane. Only in here can the lane be interrupted. */
  Attempt deliver(Delivery delivery, DeliveryTask task) throws InterruptedException {
    begin();
    try {
      if (way.isEmpty()) {
        way = Optional.of(delivery.open(site.destination));
      }
      return way.get().deliver(task);
    } finally {
      end();
    }
  }

  /** Interrupts the attempt that runs, and any that is to begin. What was delivered already is still settled. */
  void cut() {
    interruption.lock();
    try {
      isCut = true;
      delivering.ifPresent(Thread::interrupt);
    } finally {
      interruption.unlock();
    }
  }

  private void begin() throws InterruptedException {
    interruption.lock();
    try {
      if (isCut) {
        throw new InterruptedException("cut");
      }
      delivering = Optional.of(Thread.currentThread());
    } finally {
      interruption.unlock();
    }
  }

  /** An interrupt that came too late must not hit the disk, or the message would be delivered again. */
  private void end() {
    interruption.lock();
    try {
      delivering = Optional.empty();
      Thread.interrupted();
    } finally {
      interruption.unlock();
    }
  }
}
