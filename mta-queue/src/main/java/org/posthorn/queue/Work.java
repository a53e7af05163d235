package org.posthorn.queue;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A message of which something is in memory. Its leases are guarded by the lock of the {@link ActiveQueue}; its ledger by
 * {@link #turn}, which is held while the disk is written. Whoever needs both takes the turn first.
 */
final class Work {
  /** How far a recipient that is in memory has come. */
  enum Stage {
    /** It waits for its turn at its destination. */
    READY,
    /** It is being tried. */
    ACTIVE,
    /** It was tried, and what follows is being written. */
    SETTLING
  }

  /** A recipient that is in memory, so that nothing else may try it. */
  static final class Lease {
    final Site site;
    final int attempts;
    Stage stage = Stage.READY;

    /** {@code attempts} is how often it was tried before. */
    Lease(Site site, int attempts) {
      this.site = site;
      this.attempts = attempts;
    }
  }

  final QueueId id;
  /** When something has to happen, of a message that the index may not know. */
  final Optional<Instant> deadline;
  final Map<RecipientNumber, Lease> leases = new TreeMap<>();
  /** How urgent it is, from -9 to 9; set before anything of it is ready. */
  int priority;
  /** Whether it must stay in memory although no recipient is leased: something is left to be settled. */
  boolean isKept;
  /** How many operators' commands are about it right now. */
  int seized;

  final ReentrantLock turn = new ReentrantLock();
  /** Whether the index has the message, or will have. Written in its turn, read by any thread. */
  volatile boolean isIndexed;
  /** Whether the index was told of the message; until then only memory can tell a listing of it. */
  volatile boolean isToldToIndex;
  private volatile Optional<Ledger> ledger;

  private Work(QueueId id, Optional<Ledger> ledger, boolean isIndexed) {
    this.id = id;
    this.priority = ledger.map(fresh -> fresh.message().envelope().handling().urgency().value()).orElse(0);
    this.deadline = ledger.flatMap(fresh -> fresh.message().deadline());
    this.ledger = ledger;
    this.isIndexed = isIndexed;
    this.isToldToIndex = isIndexed;
  }

  /** A message that has just come in. */
  static Work fresh(SpoolEntry entry) {
    return new Work(entry.message().id(), Optional.of(new Ledger(entry)), false);
  }

  /** A message that the index has. */
  static Work indexed(QueueId id) {
    return new Work(id, Optional.empty(), true);
  }

  /** Returns the message, when it has been read. */
  Optional<QueuedMessage> message() {
    return ledger.map(Ledger::message);
  }

  /** Whether it may have recipients that are not in memory. */
  boolean hasOthers() {
    return isIndexed && message().map(known -> known.envelope().recipients().size() > 1).orElse(true);
  }

  /** Returns the ledger, from the spool when need be; empty when the message is gone. Call it in turn. */
  Optional<Ledger> ledger(Spool spool) {
    if (ledger.isEmpty()) {
      ledger = spool.read(id).map(Ledger::new);
    }
    return ledger.filter(open -> !open.isRemoved);
  }

  /** Whether another recipient is about to be tried, whose outcome the same report may tell. */
  boolean isUnderWay() {
    return leases.values().stream().anyMatch(lease -> lease.stage != Stage.SETTLING);
  }
}
