package org.posthorn.delivery.mailbox;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.posthorn.queue.RecipientNumber;
import org.posthorn.smtp.Mailbox;

/**
 * Who waits for mailboxes that other programs have locked, or that are busy. Locks are short as a rule, and all may wait for one a moment; after
 * that a few lanes, so that the mail of all others finds one. Safe for use by many threads.
 */
final class LockWaits {
  /** Lanes that may wait on for one mailbox; Postfix tries as many at once. */
  static final int PATIENT_LANES = 2;
  /** How long all may wait, from when the first does. */
  static final Duration GRACE = Duration.ofSeconds(1);

  private record Wait(Instant since, int lanes) {}

  private final InstantSource clock;
  private final Map<Mailbox, Wait> waits = new HashMap<>(); // guarded by this

  LockWaits(InstantSource clock) {
    this.clock = clock;
  }

  /** What one lane waits for. Used by one thread. */
  final class OfLane implements AutoCloseable {
    private Set<Mailbox> mine = Set.of();

    /** Takes note of all that the lane finds locked now, and returns for which of it the lane may wait. */
    List<RecipientNumber> waitFor(List<RecipientNumber> locked, Function<RecipientNumber, Mailbox> mailboxOf) {
      mine = change(mine, locked.stream().map(mailboxOf).collect(Collectors.toSet()));
      return locked.stream().filter(number -> mine.contains(mailboxOf.apply(number))).toList();
    }

    /** The lane waits no more. */
    @Override
    public void close() {
      mine = change(mine, Set.of());
    }
  }

  private synchronized Set<Mailbox> change(Set<Mailbox> before, Set<Mailbox> locked) {
    var allowed = new HashSet<Mailbox>();
    for (var mailbox : locked) {
      int others = lanes(mailbox) - (before.contains(mailbox) ? 1 : 0);
      if (others < PATIENT_LANES || isGrace(mailbox)) {
        allowed.add(mailbox);
      }
      if (allowed.contains(mailbox) && !before.contains(mailbox)) {
        waits.merge(mailbox, new Wait(clock.instant(), 1), (wait, _) -> new Wait(wait.since(), wait.lanes() + 1));
      }
    }
    before.stream().filter(mailbox -> !allowed.contains(mailbox)).forEach(this::leave);
    return allowed;
  }

  private int lanes(Mailbox mailbox) {
    var wait = waits.get(mailbox);
    return wait == null ? 0 : wait.lanes();
  }

  private boolean isGrace(Mailbox mailbox) {
    var wait = waits.get(mailbox);
    return wait != null && clock.instant().isBefore(wait.since().plus(GRACE));
  }

  private void leave(Mailbox mailbox) {
    waits.computeIfPresent(mailbox,
        (_, wait) -> wait.lanes() == 1 ? null : new Wait(wait.since(), wait.lanes() - 1));
  }
}
