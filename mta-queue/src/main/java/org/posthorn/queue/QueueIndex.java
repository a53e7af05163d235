package org.posthorn.queue;

import java.time.Instant;
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
  /** One recipient that waits. */
  record Row(QueueId id, RecipientNumber recipient, Destination destination, Instant due, int attempts) {}

  /** A message with those of its recipients that still wait, all due at {@code due}. */
  record Addition(SpoolEntry entry, Map<RecipientNumber, Destination> destinations, Instant due) {}

  /** A recipient that was tried and is due again, with what the peer said. */
  record Deferral(QueueId id, RecipientNumber recipient, Instant due, int attempts, String lastReply) {}

  /** A recipient that waits no longer, of a message that others still wait for. */
  record Finish(QueueId id, RecipientNumber recipient) {}

  /** All that a batch changes, applied in the order of the components. An id that is added and removed is never written. */
  record Changes(List<Addition> added, List<Deferral> deferred, List<Finish> finished, List<QueueId> removed) {}

  /** How much waits for one destination, and when the first of it is due. */
  record Waiting(Destination destination, long recipients, Instant firstDue) {}

  /** One recipient as the operator sees it. */
  record Listing(QueueId id, Instant queuedAt, long contentBytes, String sender, RecipientNumber recipient,
      String address,
      Destination destination, boolean held, int attempts, Instant due, Optional<String> lastReply) {}

  /** Applies a batch as one transaction. */
  void apply(Changes changes);

  /**
   * Returns at most {@code limit} recipients at {@code destination} that are due at {@code now} and not held, longest due
   * first, leaving out those of messages in {@code leased}.
   */
  List<Row> due(Destination destination, Instant now, int limit, Set<QueueId> leased);

  /** Returns every destination that something not held waits for. */
  List<Waiting> waiting();

  /**
   * Shows what matches {@code filter} to {@code visitor}, in order of id and recipient: of a filter by recipient or domain
   * only the recipients that match. Others may change the index meanwhile.
   */
  void find(QueueFilter filter, Consumer<Listing> visitor);

  /** Makes all recipients of {@code ids} due at {@code due}. */
  void reschedule(List<QueueId> ids, Instant due);

  /** Holds messages back, or lets them go on. */
  void setHeld(List<QueueId> ids, boolean held);

  /** Moves rows to other destinations after the routes have changed; {@code routes} gets each distinct host part once. */
  void reroute(Function<MailHost, Destination> routes);

  /** Shows the id of every message in the index to {@code visitor}. */
  void forEachId(Consumer<QueueId> visitor);

  @Override
  void close();
}
