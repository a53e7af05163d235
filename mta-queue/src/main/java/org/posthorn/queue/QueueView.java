package org.posthorn.queue;

import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Looks at the queue: what the index has, together with what is in memory. Safe for use by many threads. */
final class QueueView {
  private record Key(QueueId id, RecipientNumber recipient) {}

  /** What is in memory, at one moment. */
  private record Snapshot(TreeMap<QueueId, List<QueueIndex.Listing>> unindexed, Map<Key, Work.Stage> stages,
      Map<Destination, SiteStatus> sites) {}

  private final QueueStores stores;
  private final ActiveQueue queue;
  private final Supplier<QueueSettings> settings;
  private final Totals totals;
  private final InstantSource clock;

  QueueView(QueueStores stores, ActiveQueue queue, Supplier<QueueSettings> settings, Totals totals,
      InstantSource clock) {
    this.stores = stores;
    this.queue = queue;
    this.settings = settings;
    this.totals = totals;
    this.clock = clock;
  }

  void list(QueueFilter filter, Consumer<QueueEntry> visitor) {
    var snapshot = snapshot(); // before the index is asked: what it learns meanwhile is in both
    stores.writes().flush();
    var unindexed = snapshot.unindexed();
    stores.index().find(filter, listing -> {
      show(unindexed.headMap(listing.id(), false), filter, snapshot, visitor);
      unindexed.remove(listing.id());
      visitor.accept(entry(listing, snapshot));
    });
    show(unindexed, filter, snapshot, visitor);
  }

  List<SiteStatus> destinations() {
    stores.writes().flush();
    var sites = new TreeMap<String, SiteStatus>();
    snapshot().sites().forEach((destination, site) -> sites.put(destination.name(), site));
    stores.index()
        .waiting()
        .forEach(waiting -> sites.compute(waiting.destination().name(),
            (_, site) -> Optional.ofNullable(site)
                .orElseGet(() -> SiteStatus.of(waiting.destination(), settings.get().sites()))
                .with(waiting)));
    return List.copyOf(sites.values());
  }

  QueueCounts counts() {
    var indexed = stores.index().size();
    return queue.inspect((sites, works) -> {
      long active = 0;
      long ready = 0;
      long leasedInIndex = 0;
      for (var work : works.values()) {
        for (var lease : work.leases.values()) {
          switch (lease.stage) {
            case READY -> ready++;
            case ACTIVE, SETTLING -> active++;
          }
        }
        leasedInIndex += work.isIndexed ? work.leases.size() : 0;
      }
      long lanes = 0;
      for (var site : sites.values()) {
        lanes += site.lanes;
      }
      return new QueueCounts(active, ready, Math.max(0, indexed.waiting() - leasedInIndex), indexed.held(), lanes,
          totals.delivered.sum(), totals.deferred.sum(), totals.bounced.sum(), totals.expired.sum(),
          totals.deleted.sum());
    });
  }

  private Snapshot snapshot() {
    Instant now = clock.instant();
    return queue.inspect((sites, works) -> {
      var snapshot = new Snapshot(new TreeMap<>(), new HashMap<>(), new HashMap<>());
      sites.forEach((destination, site) -> snapshot.sites().put(destination, SiteStatus.of(site, now)));
      works.values().forEach(work -> {
        work.leases.forEach((recipient, lease) -> snapshot.stages().put(new Key(work.id, recipient), lease.stage));
        if (!work.isToldToIndex) {
          work.message()
              .ifPresent(message -> snapshot.unindexed()
                  .put(work.id, work.leases.entrySet()
                      .stream()
                      .map(lease -> listing(message, lease.getKey(), lease.getValue()))
                      .toList()));
        }
      });
      return snapshot;
    });
  }

  private static QueueIndex.Listing listing(QueuedMessage message, RecipientNumber recipient, Work.Lease lease) {
    return new QueueIndex.Listing(message.id(), message.queuedAt(), message.contentBytes(),
        message.envelope().from().toString(), recipient, message.envelope().recipient(recipient).address().toString(),
        lease.site.destination, false, lease.attempts, message.queuedAt(), Optional.empty());
  }

  private void show(Map<QueueId, List<QueueIndex.Listing>> listings, QueueFilter filter, Snapshot snapshot,
      Consumer<QueueEntry> visitor) {
    listings.values()
        .stream()
        .flatMap(List::stream)
        .filter(filter::matches)
        .forEach(listing -> visitor.accept(entry(listing, snapshot)));
    listings.clear();
  }

  private QueueEntry entry(QueueIndex.Listing indexed, Snapshot snapshot) {
    var site = Optional.ofNullable(snapshot.sites().get(indexed.destination()));
    var stage = Optional.ofNullable(snapshot.stages().get(new Key(indexed.id(), indexed.recipient())));
    var listing = site.filter(_ -> stage.isEmpty() && !indexed.held() && !isScheduled(indexed))
        .map(status -> whileBackingOff(indexed, status))
        .orElse(indexed);
    return new QueueEntry(listing, state(listing, stage, isScheduled(indexed)),
        site.map(SiteStatus::state).orElse(SiteStatus.State.OPEN));
  }

  /** Nothing else is due later that was not touched yet. */
  private boolean isScheduled(QueueIndex.Listing listing) {
    return listing.isUntouched() && listing.due().isAfter(clock.instant());
  }

  /** What is due at a destination that does not answer is left in the index as it is; it waits until that is tried again. */
  private static QueueIndex.Listing whileBackingOff(QueueIndex.Listing listing, SiteStatus site) {
    if (site.state() != SiteStatus.State.BACKING_OFF || !listing.due().isBefore(site.until().orElseThrow())) {
      return listing;
    }
    return new QueueIndex.Listing(listing.id(), listing.queuedAt(), listing.contentBytes(), listing.sender(),
        listing.recipient(), listing.address(), listing.destination(), listing.held(), listing.attempts(),
        site.until().orElseThrow(), listing.lastReply().or(() -> site.reason().map(Scheduler::suspended)));
  }

  private QueueEntry.State state(QueueIndex.Listing listing, Optional<Work.Stage> stage, boolean isScheduled) {
    if (stage.filter(found -> found != Work.Stage.READY).isPresent()) {
      return QueueEntry.State.ACTIVE;
    }
    if (listing.held()) {
      return QueueEntry.State.HELD;
    }
    if (stage.isPresent() || !listing.due().isAfter(clock.instant())) {
      return QueueEntry.State.READY;
    }
    return isScheduled ? QueueEntry.State.SCHEDULED : QueueEntry.State.DEFERRED;
  }
}
