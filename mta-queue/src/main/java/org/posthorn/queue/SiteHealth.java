package org.posthorn.queue;

import java.time.Instant;
import org.posthorn.queue.Outcome.Diagnostic;

/**
 * What we have learnt about a destination: how many transactions at once it bears, and whether it answers at all. Guarded
 * by the lock of its owner.
 */
final class SiteHealth {
  /** Whether mail goes there now. */
  sealed interface State {
    /** It answers, as far as we know. */
    record Open() implements State {}

    /** It did not answer; we leave it alone until {@code until}. */
    record BackingOff(Instant until, Diagnostic why) implements State {}

    /** One attempt is to find out whether it answers again. */
    record Probing(Diagnostic why) implements State {}
  }

  private State state = new State.Open();
  private int limit;
  private int reachedInRound;
  private int unreachedInRow;
  private int backoffs;

  SiteHealth(SiteLimits limits) {
    limit = limits.initial();
  }

  /** Returns the state at {@code now}. */
  State state(Instant now) {
    if (state instanceof State.BackingOff(var until, var why) && !now.isBefore(until)) {
      state = new State.Probing(why);
    }
    return state;
  }

  /** Returns the state as it was when last asked for. */
  State peek() {
    return state;
  }

  /** Returns how many transactions may run at once at {@code now}. */
  int limit(Instant now) {
    return switch (state(now)) {
      case State.Open _ -> limit;
      case State.BackingOff _,State.Probing _ -> 1;
    };
  }

  /** An attempt reached the destination: one more at once after each full round of those. */
  void reached(SiteLimits limits) {
    unreachedInRow = 0;
    backoffs = 0;
    if (!(state instanceof State.Open)) {
      state = new State.Open();
      limit = limits.initial();
      reachedInRound = 0;
    } else if (++reachedInRound >= limit) {
      reachedInRound = 0;
      limit = Math.min(limit + 1, limits.most());
    }
    limit = Math.min(limit, limits.most());
  }

  /** An attempt did not reach the destination: half as many at once, and after too many of those none for a while. */
  void unreached(Diagnostic why, Instant now, SiteLimits limits) {
    reachedInRound = 0;
    switch (state(now)) {
      case State.Open _ -> {
        limit = Math.max(1, limit / 2);
        if (++unreachedInRow >= limits.unreachedBeforeBackoff()) {
          backOff(why, now, limits);
        }
      }
      case State.Probing _ -> backOff(why, now, limits);
      case State.BackingOff _ -> {
        // An attempt that began before the others failed tells nothing new.
      }
    }
  }

  /** The operator wants it tried at once; if that fails too, the next pause is as long as this one was. */
  void reopen() {
    if (state instanceof State.BackingOff(_, var why)) {
      backoffs--;
      state = new State.Probing(why);
    }
  }

  private void backOff(Diagnostic why, Instant now, SiteLimits limits) {
    backoffs++;
    state = new State.BackingOff(now.plus(limits.backoff(backoffs)), why);
  }
}
