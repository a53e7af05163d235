package org.posthorn.queue;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.posthorn.smtp.MailHost;

/**
 * What is due when and where: the searchable index of the spool, which stays the truth.
 *
 * <p>Each method is one transaction: once it returns, its effect survives a crash of this process; if it throws
 * {@link StoreException}, nothing has changed. A power failure may undo the latest ones, which reconciliation
 * repairs from the spool. Any number of threads may call it.
 */
public interface QueueIndex extends AutoCloseable {
  /** One recipient that waits; {@code priority} is that of its message, from -9 to 9. */
  record Row(QueueId id, RecipientNumber recipient, Destination destination, Instant due, int attempts, int priority) {
    /** One of a message that is as urgent as most. */
    public Row(QueueId id, RecipientNumber recipient, Destination destination, Instant due, int attempts) {
      this(id, recipient, destination, due, attempts, 0);
    }
  }

  /**
   * A message with those of its recipients that still wait.
   *
   * @param due when all of them are due
   * @param entryBytes how long the spool entry is with these events, in octets; 0 when that is not known
   */
  record Addition(SpoolEntry entry, Map<RecipientNumber, Destination> destinations, Instant due, long entryBytes) {
    /** A message whose entry may be of any length: after an unclean end it is read again. */
    public Addition(SpoolEntry entry, Map<RecipientNumber, Destination> destinations, Instant due) {
      this(entry, destinations, due, 0);
    }
  }

  /** What the sender has heard of a recipient that waits; in this order. */
  enum Told {
    /** Nothing yet. */
    NOTHING,
    /** That delivery takes long, if he wants to hear that. */
    DELAY,
    /** There is no sender to tell. */
    NOBODY
  }

  /**
   * A recipient that was tried and is due again, with what the peer said.
   *
   * @param told what the sender has heard; what the index knows is never taken back
   */
  record Deferral(QueueId id, RecipientNumber recipient, Instant due, int attempts, String lastReply, Told told) {
    /** A recipient of which the sender has heard nothing new. */
    public Deferral(QueueId id, RecipientNumber recipient, Instant due, int attempts, String lastReply) {
      this(id, recipient, due, attempts, lastReply, Told.NOTHING);
    }
  }

  /** A recipient that waits, and from when on its time counts: {@link SpoolEntry#startsAt}. */
  record Aged(Row row, Instant queuedAt) {}

  /** A message with which something has to happen at a time (RFC 2852). */
  record Deadline(QueueId id, Instant at) {}

  /** A message that is to be sent on later, as its sender wants it (RFC 4865). */
  record Scheduled(QueueId id, long contentBytes) {}

  /** How many messages of one account are to be sent on later, and the octets of all. */
  record ScheduledTotal(String account, long messages, long contentBytes) {}

  /** A recipient that waits no longer, of a message that others still wait for. */
  record Finish(QueueId id, RecipientNumber recipient) {}

  /** All that a batch changes, applied in the order of the components. An id that is added and removed is never written. */
  record Changes(List<Addition> added, List<Deferral> deferred, List<Finish> finished, List<QueueId> removed) {}

  /** How much waits for one destination, and when the first of it is due. */
  record Waiting(Destination destination, long recipients, Instant firstDue) {}

  /** How many recipients wait, and how many of messages that are held. */
  record Size(long waiting, long held) {}

  /** One recipient as the operator sees it. */
  record Listing(QueueId id, Instant queuedAt, long contentBytes, String sender, RecipientNumber recipient,
      String address,
      Destination destination, boolean held, int attempts, Instant due, Optional<String> lastReply) {
    /** Whether it was neither tried nor put off, which leaves the reason in place of a reply. */
    boolean isUntouched() {
      return attempts == 0 && lastReply.isEmpty();
    }
  }

  /** Applies a batch as one transaction. */
  void apply(Changes changes);

  /**
   * Fills an index that is empty with a great many messages: {@code source} gives them, each once, to the consumer that it
   * is called with. Not one transaction; an index that was not filled to the end is not to be used again.
   */
  default void fill(Consumer<Consumer<List<Addition>>> source) {
    source.accept(additions -> apply(new Changes(additions, List.of(), List.of(), List.of())));
  }

  /** Takes note that what it has of messages agrees with spool entries of these lengths, in octets. */
  void confirm(Map<QueueId, Long> entryBytes);

  /** Returns all priorities that a message in the index may have, the highest first; there may be more than are in use. */
  List<Integer> priorities();

  /**
   * Returns at most {@code limit} recipients at {@code destination} whose message has {@code priority}, that are due at
   * {@code now} and not held, longest due first, leaving out those of messages in {@code leased}.
   */
  List<Row> due(Destination destination, int priority, Instant now, int limit, Set<QueueId> leased);

  /** Returns the same for messages of any priority, longest due first. */
  default List<Row> due(Destination destination, Instant now, int limit, Set<QueueId> leased) {
    return priorities().stream()
        .flatMap(priority -> due(destination, priority, now, limit, leased).stream())
        .sorted(Comparator.comparing(Row::due).thenComparing(Row::id).thenComparing(Row::recipient))
        .limit(limit)
        .toList();
  }

  /**
   * Returns at most {@code limit} recipients at {@code destination} that are not held and of which the sender has heard
   * {@code told}, queued longest first, whenever they are due, leaving out those of messages in {@code leased}.
   */
  List<Aged> oldest(Destination destination, Told told, int limit, Set<QueueId> leased);

  /** Returns at most {@code limit} deadlines behind {@code last}, in the order of time and id. */
  List<Deadline> deadlines(Deadline last, int limit);

  /** Returns how many messages their senders want to be sent on after {@code now} (RFC 4865). */
  long scheduled(Instant now);

  /** Returns at most {@code limit} of those that count for {@code account}. */
  List<Scheduled> scheduledFor(String account, Instant now, int limit);

  /** Returns how many of them each account has, in order of account; those that count for nobody are left out. */
  List<ScheduledTotal> scheduledByAccount(Instant now);

  /** Returns every destination that something not held waits for. */
  List<Waiting> waiting();

  /** Returns how many recipients there are; the cost does not grow with them. */
  Size size();

  /**
   * Shows what matches {@code filter} to {@code visitor}, in order of id and recipient: of a filter by recipient or domain
   * only the recipients that match. Others may change the index meanwhile.
   */
  void find(QueueFilter filter, Consumer<Listing> visitor);

  /** Makes all recipients of {@code ids} due at {@code due} that are due later, whenever their senders wanted them to be. */
  void reschedule(List<QueueId> ids, Instant due);

  /** Holds messages back, or lets them go on. */
  void setHeld(List<QueueId> ids, boolean held);

  /**
   * Moves rows to other destinations after the routes have changed; {@code routes} gets each distinct host part once. The
   * cost grows with the host parts and with what is moved, in several transactions: what fails half way goes on next time.
   */
  void reroute(Function<MailHost, Destination> routes);

  /** Shows the id of every message in the index to {@code visitor}. */
  void forEachId(Consumer<QueueId> visitor);

  /** Shows every message to {@code visitor}, with the length of the spool entry that it agrees with, 0 when not known. */
  void forEachLength(Spool.LengthVisitor visitor);

  /**
   * Does the same, with 0 also for a message whose recipients are not those that it had when it agreed with its entry: some
   * may be lost. Throws {@link StoreException} when there are recipients of a message that is not there.
   */
  void forEachWholeLength(Spool.LengthVisitor visitor);

  /**
   * Returns checks that what it keeps several times over is the same everywhere, as after a power cut it may not be. They may run
   * side by side, each throws {@link StoreException} when it is not, and their cost grows with all that is queued.
   */
  default List<Runnable> crossChecks() {
    return List.of(); // nothing is kept twice
  }

  @Override
  void close();
}
