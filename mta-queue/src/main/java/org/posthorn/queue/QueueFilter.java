package org.posthorn.queue;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Which messages an operator means. A message matches when all that is given matches; nothing given matches everything.
 *
 * @param ids any of these ids; empty for all
 * @param sender the reverse-path, in full and without regard to case; an empty text is the null sender
 * @param recipient the address of a recipient that waits, in full and without regard to case
 * @param domain the host part of a recipient that waits
 * @param queuedBefore queued earlier than this
 * @param held held back, or not
 * @param scheduledAfter not tried yet, because its sender wants it sent on later than this (RFC 4865)
 */
public record QueueFilter(List<QueueId> ids, Optional<String> sender, Optional<String> recipient,
    Optional<String> domain, Optional<Instant> queuedBefore, Optional<Boolean> held,
    Optional<Instant> scheduledAfter) {
  /** Everything. */
  public static final QueueFilter ALL = new QueueFilter(List.of(), Optional.empty(), Optional.empty(), Optional.empty(),
      Optional.empty(), Optional.empty());

  /** Whenever its sender wants it sent on. */
  public QueueFilter(List<QueueId> ids, Optional<String> sender, Optional<String> recipient, Optional<String> domain,
      Optional<Instant> queuedBefore, Optional<Boolean> held) {
    this(ids, sender, recipient, domain, queuedBefore, held, Optional.empty());
  }

  public QueueFilter {
    ids = List.copyOf(ids);
  }

  /** Returns a filter for {@code ids} alone. */
  public static QueueFilter of(QueueId... ids) {
    return new QueueFilter(List.of(ids), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(),
        Optional.empty());
  }

  /** Whether a recipient that waits is meant. */
  public boolean matches(QueueIndex.Listing listing) {
    String address = listing.address();
    return (ids.isEmpty() || ids.contains(listing.id())) && sender.map(listing.sender()::equalsIgnoreCase).orElse(true)
        && recipient.map(address::equalsIgnoreCase).orElse(true)
        && domain.map(address.substring(address.lastIndexOf('@') + 1)::equalsIgnoreCase).orElse(true)
        && queuedBefore.map(listing.queuedAt()::isBefore).orElse(true)
        && held.map(wanted -> wanted == listing.held()).orElse(true)
        && scheduledAfter.map(after -> listing.isUntouched() && listing.due().isAfter(after)).orElse(true);
  }
}
