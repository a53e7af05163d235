package org.posthorn.queue;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import org.posthorn.queue.QueueIndex.Addition;
import org.posthorn.queue.QueueIndex.Changes;
import org.posthorn.queue.QueueIndex.Finish;
import org.posthorn.queue.QueueIndex.Listing;
import org.posthorn.smtp.Mailbox;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the index agree with the spool, before the queue starts. What the index does not know is added and due at once; what
 * the spool does not have is dropped. After an unclean end the events of messages that the index knows are compared too.
 * Entries whose recipients are all done are removed. One that cannot be read stays, and what the index says of it too: the
 * rest of the mail does not wait for the operator to see to it.
 */
public final class Reconciliation {
  private static final Logger log = LoggerFactory.getLogger(Reconciliation.class);
  private static final int BATCH = 500;

  /** How the process that had the spool before came to its end. */
  public enum LastEnd {
    /** It wrote all that it knew. No entry that the index knows needs to be looked at. */
    CLEAN,
    /** It crashed, or could not write the index. */
    UNCLEAN
  }

  /**
   * What was found and done, in messages.
   *
   * @param entries entries in the spool
   * @param added those that the index did not know
   * @param dropped those that only the index knew
   * @param corrected those whose events the index did not know
   * @param completed entries that were removed because nobody waits for them
   * @param unreadable entries that the spool has but cannot read; they are left as they are
   */
  public record Summary(long entries, long added, long dropped, long corrected, long completed, long unreadable,
      Duration took) {}

  private final Spool spool;
  private final QueueIndex index;
  private final Function<Mailbox, Destination> routes;
  private final InstantSource clock;

  private long added;
  private long dropped;
  private long corrected;
  private long completed;
  private long unreadable;

  /** Will compare {@code spool} and {@code index}, once; {@code routes} tells by the host where a recipient's mail goes. */
  public Reconciliation(Spool spool, QueueIndex index, Function<Mailbox, Destination> routes, InstantSource clock) {
    this.spool = spool;
    this.index = index;
    this.routes = routes;
    this.clock = clock;
  }

  /** Compares, and returns when both agree. */
  public Summary run(LastEnd lastEnd) {
    Instant start = clock.instant();
    var unknown = new IdSet();
    spool.forEachId(unknown::add);
    long entries = unknown.size();
    var orphans = new IdSet();
    index.forEachId(id -> {
      if (!unknown.remove(id)) {
        orphans.add(id);
      }
    });
    inBatches(orphans::forEach, this::drop);
    if (lastEnd == LastEnd.UNCLEAN) {
      inBatches(known(unknown), this::correct);
    }
    inBatches(unknown::forEach, this::add);
    // The routes may have changed since.
    index.reroute(host -> routes.apply(new Mailbox("postmaster", host)));
    return new Summary(entries, added, dropped, corrected, completed, unreadable,
        Duration.between(start, clock.instant()));
  }

  private Consumer<Consumer<QueueId>> known(IdSet unknown) {
    return visitor -> spool.forEachWithEvents(id -> {
      if (!unknown.contains(id)) {
        visitor.accept(id);
      }
    });
  }

  private static void inBatches(Consumer<Consumer<QueueId>> source, Consumer<List<QueueId>> sink) {
    var batch = new ArrayList<QueueId>(BATCH);
    source.accept(id -> {
      batch.add(id);
      if (batch.size() == BATCH) {
        sink.accept(List.copyOf(batch));
        batch.clear();
      }
    });
    if (!batch.isEmpty()) {
      sink.accept(List.copyOf(batch));
    }
  }

  private void drop(List<QueueId> ids) {
    index.apply(new Changes(List.of(), List.of(), List.of(), ids));
    dropped += ids.size();
  }

  private void add(List<QueueId> ids) {
    var additions = new ArrayList<Addition>(ids.size());
    read(ids).forEach((id, known) -> known.ifPresent(entry -> {
      if (entry.pending().isEmpty()) {
        complete(id);
      } else {
        additions.add(addition(entry));
      }
    }));
    index.apply(new Changes(additions, List.of(), List.of(), List.of()));
    added += additions.size();
  }

  /** Returns what the spool has of {@code ids}, without those that it cannot read. */
  private Map<QueueId, Optional<SpoolEntry>> read(List<QueueId> ids) {
    var entries = new LinkedHashMap<QueueId, Optional<SpoolEntry>>();
    for (var id : ids) {
      try {
        entries.put(id, spool.read(id));
      } catch (SpoolException e) {
        unreadable++;
        log.atError().addKeyValue("id", id.value()).setCause(e).log("cannot read a message; it stays in the spool");
      }
    }
    return entries;
  }

  /** The crash came between the last recipient's end and the entry's. */
  private void complete(QueueId id) {
    spool.remove(id);
    completed++;
  }

  private Addition addition(SpoolEntry entry) {
    var destinations = new TreeMap<RecipientNumber, Destination>();
    var envelope = entry.message().envelope();
    entry.pending().forEach(number -> destinations.put(number, routes.apply(envelope.recipient(number).address())));
    return new Addition(entry, destinations, clock.instant());
  }

  private void correct(List<QueueId> ids) {
    var indexed = indexed(ids);
    var additions = new ArrayList<Addition>();
    var finishes = new ArrayList<Finish>();
    var removals = new ArrayList<QueueId>();
    read(ids).forEach((id, entry) -> {
      var rows = indexed.getOrDefault(id, Map.of());
      if (entry.isEmpty()) {
        removals.add(id);
      } else if (entry.get().pending().isEmpty()) {
        complete(id);
        removals.add(id);
      } else if (!rows.keySet().containsAll(entry.get().pending())) {
        additions.add(addition(entry.get()));
      } else {
        correct(entry.get(), rows, finishes);
      }
    });
    index.apply(new Changes(additions, List.of(), finishes, removals));
    corrected += additions.size();
  }

  private void correct(SpoolEntry entry, Map<RecipientNumber, Listing> rows, List<Finish> finishes) {
    var id = entry.message().id();
    Set<RecipientNumber> done = new HashSet<>(rows.keySet());
    done.removeAll(entry.pending());
    done.forEach(number -> finishes.add(new Finish(id, number)));
    boolean isHeldInIndex = rows.values().stream().anyMatch(Listing::held);
    if (isHeldInIndex != entry.isHeld()) {
      index.setHeld(List.of(id), entry.isHeld());
    }
    if (!done.isEmpty() || isHeldInIndex != entry.isHeld()) {
      corrected++;
    }
  }

  private Map<QueueId, Map<RecipientNumber, Listing>> indexed(List<QueueId> ids) {
    var indexed = new HashMap<QueueId, Map<RecipientNumber, Listing>>();
    index.find(QueueFilter.of(ids.toArray(QueueId[]::new)),
        row -> indexed.computeIfAbsent(row.id(), _ -> new TreeMap<>()).put(row.recipient(), row));
    return indexed;
  }
}
