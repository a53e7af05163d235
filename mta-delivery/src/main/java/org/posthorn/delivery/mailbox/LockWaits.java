package org.posthorn.delivery.mailbox;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.posthorn.queue.RecipientNumber;

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
  private final Map<Path, Wait> waits = new HashMap<>(); // guarded by this

  LockWaits(InstantSource clock) {
    this.clock = clock;
  }

  /** What one lane waits for. Used by one thread. */
  final class OfLane implements AutoCloseable {
    private Set<Path> mine = Set.of();

    /**
     * Takes note of all that the lane finds locked now, and returns for which of it the lane may wait. A user has one file, by
     * whatever address.
     */
    List<RecipientNumber> waitFor(List<RecipientNumber> locked, Function<RecipientNumber, Optional<Path>> fileOf) {
      mine = change(mine, locked.stream().flatMap(number -> fileOf.apply(number).stream()).collect(Collectors.toSet()));
      return locked.stream().filter(number -> fileOf.apply(number).filter(mine::contains).isPresent()).toList();
    }

    /** The lane waits no more. */
    @Override
    public void close() {
      mine = change(mine, Set.of());
    }
  }

  private synchronized Set<Path> change(Set<Path> before, Set<Path> locked) {
    var allowed = new HashSet<Path>();
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

  private int lanes(Path mailbox) {
    var wait = waits.get(mailbox);
    return wait == null ? 0 : wait.lanes();
  }

  private boolean isGrace(Path mailbox) {
    var wait = waits.get(mailbox);
    return wait != null && clock.instant().isBefore(wait.since().plus(GRACE));
  }

  private void leave(Path mailbox) {
    waits.computeIfPresent(mailbox,
        (_, wait) -> wait.lanes() == 1 ? null : new Wait(wait.since(), wait.lanes() - 1));
  }
}
