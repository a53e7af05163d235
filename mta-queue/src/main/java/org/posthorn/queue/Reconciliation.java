package org.posthorn.queue;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.posthorn.queue.QueueIndex.Addition;
import org.posthorn.queue.QueueIndex.Changes;
import org.posthorn.queue.QueueIndex.Finish;
import org.posthorn.queue.QueueIndex.Listing;
import org.posthorn.queue.Spool.Found;
import org.posthorn.smtp.Mailbox;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the index agree with the spool, before the queue starts. What the index does not know is added and due at once; what
 * the spool does not have is dropped. After an unclean end the events of messages that the index knows are compared too, where
 * the length of the entry says that there may be some which the index missed; and when the power failed, also where the index has
 * lost recipients. What is read then is synced first: what counts from here on must not be undone by a power cut. Entries whose recipients are all done are removed. One that cannot be read stays, and what the index says of it too: the
 * rest of the mail does not wait for the operator to see to it.
 */
public final class Reconciliation {
  private static final Logger log = LoggerFactory.getLogger(Reconciliation.class);
  /** In recipients, or in ids: of how much is in memory at once. A message of many recipients may be a batch of its own. */
  private static final int BATCH = 1_000;

  /** How the process that had the spool before came to its end. */
  public enum LastEnd {
    /** There was none: the data directory is new. */
    NONE,
    /** It wrote all that it knew. No entry that the index knows needs to be looked at. */
    CLEAN,
    /** It crashed, or could not write the index, or the spool. */
    UNCLEAN,
    /** It ended with the machine, as far as one can tell: what it wrote last may be lost, also in the middle of the index. */
    POWER_LOST
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

  private boolean isSpoolInDoubt;
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
    isSpoolInDoubt = switch (lastEnd) {
      case NONE, CLEAN -> false;
      case UNCLEAN, POWER_LOST -> true;
    };
    var lengths = lengths(lastEnd);
    long entries = lengths.size();
    var orphans = new IdMap();
    var changed = new IdMap();
    long known = switch (lastEnd) {
      case NONE, CLEAN -> compareIds(lengths, orphans);
      case UNCLEAN -> compareLengths(index::forEachLength, lengths, orphans, changed);
      case POWER_LOST -> compareLengths(index::forEachWholeLength, lengths, orphans, changed);
    };
    new Batches<QueueId>(BATCH, _ -> 1).of(visitor -> orphans.forEach((id, _) -> visitor.accept(id)), this::drop);
    var batches = new Batches<>(BATCH, Found::weight);
    if (changed.size() > 0) {
      batches.of(reading(changed), found -> correct(found, changed));
    }
    if (known == 0) {
      index.fill(sink -> batches.of(reading(lengths), found -> sink.accept(additions(found))));
    } else if (lengths.size() > 0) {
      batches.of(reading(lengths), this::add);
    }
    // The routes may have changed since.
    index.reroute(host -> routes.apply(new Mailbox("postmaster", host)));
    return new Summary(entries, added, dropped, corrected, completed, unreadable,
        Duration.between(start, clock.instant()));
  }

  /** Returns what the spool has, with the length of each entry where that is to be compared; checks the index meanwhile. */
  private IdMap lengths(LastEnd lastEnd) {
    var lengths = new IdMap();
    switch (lastEnd) {
      case NONE, CLEAN -> spool.forEachId(id -> lengths.put(id, 0));
      case UNCLEAN -> spool.forEachLength(lengths::put);
      case POWER_LOST -> {
        var tasks = new ArrayList<>(index.crossChecks());
        tasks.add(() -> spool.forEachLength(lengths::put));
        SideBySide.run(tasks, Runnable::run);
      }
    }
    return lengths;
  }

  /** Takes what both know out of {@code unknown}, and returns how much the index knows. */
  private long compareIds(IdMap unknown, IdMap orphans) {
    var known = new AtomicLong();
    index.forEachId(id -> {
      known.incrementAndGet();
      if (unknown.remove(id) == IdMap.ABSENT) {
        orphans.put(id, 0);
      }
    });
    return known.get();
  }

  /**
   * Does so too, and collects the entries to which something has happened that the index may not know, with the length that the
   * index knows.
   */
  private static long compareLengths(Consumer<Spool.LengthVisitor> indexed, IdMap unknown, IdMap orphans,
      IdMap changed) {
    var known = new AtomicLong();
    indexed.accept((id, bytes) -> {
      known.incrementAndGet();
      long length = unknown.remove(id);
      if (length == IdMap.ABSENT) {
        orphans.put(id, 0);
      } else if (length != bytes || bytes == 0) {
        changed.put(id, bytes);
      }
    });
    return known.get();
  }

  private Consumer<Consumer<Found>> reading(IdMap ids) {
    return visitor -> read(ids, visitor);
  }

  private void read(IdMap ids, Consumer<Found> visitor) {
    Predicate<QueueId> wanted = id -> ids.get(id) != IdMap.ABSENT;
    Consumer<Found> readable = found -> {
      if (found instanceof Found.Unreadable(var id, var why)) {
        unreadable++;
        log.atError().addKeyValue("id", id.value()).setCause(why).log("cannot read a message; it stays in the spool");
      } else {
        visitor.accept(found);
      }
    };
    if (isSpoolInDoubt) {
      spool.secureEach(wanted, readable);
    } else {
      spool.readEach(wanted, readable);
    }
  }

  private void drop(List<QueueId> ids) {
    index.apply(new Changes(List.of(), List.of(), List.of(), ids));
    dropped += ids.size();
  }

  private void add(List<Found> found) {
    index.apply(new Changes(additions(found), List.of(), List.of(), List.of()));
  }

  private List<Addition> additions(List<Found> found) {
    var additions = new ArrayList<Addition>(found.size());
    for (var entry : entries(found)) {
      if (entry.entry().pending().isEmpty()) {
        complete(entry.id());
      } else {
        additions.add(addition(entry));
      }
    }
    added += additions.size();
    return additions;
  }

  private static List<Found.Entry> entries(List<Found> found) {
    return found.stream().filter(Found.Entry.class::isInstance).map(Found.Entry.class::cast).toList();
  }

  /** The crash came between the last recipient's end and the entry's. */
  private void complete(QueueId id) {
    spool.remove(id);
    completed++;
  }

  private Addition addition(Found.Entry found) {
    var destinations = new TreeMap<RecipientNumber, Destination>();
    var entry = found.entry();
    var envelope = entry.message().envelope();
    entry.pending().forEach(number -> destinations.put(number, routes.apply(envelope.recipient(number).address())));
    Instant now = clock.instant();
    return new Addition(entry, destinations, entry.startsAt().isAfter(now) ? entry.startsAt() : now, found.bytes());
  }

  private void correct(List<Found> found, IdMap lengths) {
    var indexed = indexed(found.stream().map(Found::id).toList());
    var additions = new ArrayList<Addition>();
    var finishes = new ArrayList<Finish>();
    var removals = new ArrayList<QueueId>();
    var confirmed = new HashMap<QueueId, Long>();
    found.stream().filter(Found.Gone.class::isInstance).forEach(gone -> removals.add(gone.id()));
    for (var entry : entries(found)) {
      var rows = indexed.getOrDefault(entry.id(), Map.of());
      var pending = entry.entry().pending();
      if (pending.isEmpty()) {
        complete(entry.id());
        removals.add(entry.id());
      } else if (!rows.keySet().containsAll(pending)) {
        additions.add(addition(entry));
      } else {
        correct(entry.entry(), rows, finishes);
        if (entry.bytes() != lengths.get(entry.id())) {
          confirmed.put(entry.id(), entry.bytes());
        }
      }
    }
    index.apply(new Changes(additions, List.of(), finishes, removals));
    index.confirm(confirmed);
    corrected += additions.size();
  }

  private void correct(SpoolEntry entry, Map<RecipientNumber, Listing> rows, List<Finish> finishes) {
    var id = entry.message().id();
    Set<RecipientNumber> done = new HashSet<>(rows.keySet());
    done.removeAll(entry.pending());
    done.forEach(number -> finishes.add(new Finish(id, number)));
    if (entry.events().stream().anyMatch(SpoolEvent.ReleasedEarly.class::isInstance)) {
      index.reschedule(List.of(id), clock.instant());
    }
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
