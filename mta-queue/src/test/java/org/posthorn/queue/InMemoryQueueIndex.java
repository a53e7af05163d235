package org.posthorn.queue;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import org.posthorn.smtp.MailHost;

/** An index in memory. Fails when told so. Safe for use by many threads. */
public final class InMemoryQueueIndex implements QueueIndex {
  private record Key(QueueId id, RecipientNumber recipient) implements Comparable<Key> {
    @Override
    public int compareTo(Key other) {
      return Comparator.comparing(Key::id).thenComparing(Key::recipient).compare(this, other);
    }
  }

  private record Entry(QueuedMessage message, Destination destination, Instant due, int attempts,
      Optional<String> lastReply) {}

  private final TreeMap<Key, Entry> rows = new TreeMap<>();
  private final Set<QueueId> held = new HashSet<>();
  private boolean isFailing;

  /** Throws {@link StoreException} from now on, or no longer. */
  public synchronized void fail(boolean fail) {
    isFailing = fail;
  }

  @Override
  public synchronized void apply(Changes changes) {
    check();
    changes.added().forEach(this::add);
    changes.deferred()
        .forEach(deferral -> rows.computeIfPresent(new Key(deferral.id(), deferral.recipient()),
            (_, entry) -> new Entry(entry.message(), entry.destination(), deferral.due(), deferral.attempts(),
                Optional.of(deferral.lastReply()))));
    changes.finished().forEach(finish -> rows.remove(new Key(finish.id(), finish.recipient())));
    changes.removed().forEach(id -> {
      rows.keySet().removeIf(key -> key.id().equals(id));
      held.remove(id);
    });
  }

  private void add(Addition addition) {
    var message = addition.entry().message();
    addition.destinations()
        .forEach((recipient, destination) -> rows.put(new Key(message.id(), recipient),
            new Entry(message, destination, addition.due(), 0, Optional.empty())));
    if (addition.entry().isHeld()) {
      held.add(message.id());
    }
  }

  @Override
  public synchronized List<Row> due(Destination destination, Instant now, int limit, Set<QueueId> leased) {
    check();
    return rows.entrySet()
        .stream()
        .filter(row -> row.getValue().destination().equals(destination) && !row.getValue().due().isAfter(now)
            && !held.contains(row.getKey().id()) && !leased.contains(row.getKey().id()))
        .sorted(Comparator.comparing(row -> row.getValue().due()))
        .limit(limit)
        .map(row -> new Row(row.getKey().id(), row.getKey().recipient(), destination, row.getValue().due(),
            row.getValue().attempts()))
        .toList();
  }

  @Override
  public synchronized List<Waiting> waiting() {
    check();
    var waiting = new HashMap<Destination, Waiting>();
    rows.forEach((key, entry) -> {
      if (!held.contains(key.id())) {
        waiting.merge(entry.destination(), new Waiting(entry.destination(), 1, entry.due()),
            (one, other) -> new Waiting(one.destination(), one.recipients() + other.recipients(),
                one.firstDue().isBefore(other.firstDue()) ? one.firstDue() : other.firstDue()));
      }
    });
    return List.copyOf(waiting.values());
  }

  @Override
  public synchronized void find(QueueFilter filter, Consumer<Listing> visitor) {
    check();
    var found = new ArrayList<Listing>();
    rows.forEach((key, entry) -> {
      var message = entry.message();
      var listing = new Listing(key.id(), message.queuedAt(), message.contentBytes(),
          message.envelope().from().toString(), key.recipient(),
          message.envelope().recipient(key.recipient()).address().toString(), entry.destination(),
          held.contains(key.id()), entry.attempts(), entry.due(), entry.lastReply());
      if (matches(filter, listing)) {
        found.add(listing);
      }
    });
    found.forEach(visitor);
  }

  private boolean matches(QueueFilter filter, Listing listing) {
    String host = listing.address().substring(listing.address().lastIndexOf('@') + 1);
    return (filter.ids().isEmpty() || filter.ids().contains(listing.id()))
        && filter.sender().map(sender -> sender.equalsIgnoreCase(listing.sender())).orElse(true)
        && filter.recipient().map(address -> address.equalsIgnoreCase(listing.address())).orElse(true)
        && filter.domain().map(domain -> domain.toLowerCase(Locale.ROOT).equals(host)).orElse(true)
        && filter.queuedBefore().map(before -> listing.queuedAt().isBefore(before)).orElse(true)
        && filter.held().map(wanted -> wanted == listing.held()).orElse(true);
  }

  @Override
  public synchronized void reschedule(List<QueueId> ids, Instant due) {
    check();
    rows.replaceAll((key, entry) -> ids.contains(key.id())
        ? new Entry(entry.message(), entry.destination(), due, entry.attempts(), entry.lastReply())
        : entry);
  }

  @Override
  public synchronized void setHeld(List<QueueId> ids, boolean hold) {
    check();
    if (hold) {
      held.addAll(ids);
    } else {
      held.removeAll(Set.copyOf(ids));
    }
  }

  @Override
  public synchronized void reroute(Function<MailHost, Destination> routes) {
    check();
    Map<MailHost, Destination> known = new HashMap<>();
    rows.replaceAll((key, entry) -> new Entry(entry.message(),
        known.computeIfAbsent(entry.message().envelope().recipient(key.recipient()).address().host(), routes),
        entry.due(), entry.attempts(), entry.lastReply()));
  }

  @Override
  public synchronized void forEachId(Consumer<QueueId> visitor) {
    check();
    rows.keySet().stream().map(Key::id).distinct().toList().forEach(visitor);
  }

  /** Returns all there is, in order. */
  public List<Listing> all() {
    var all = new ArrayList<Listing>();
    find(QueueFilter.ALL, all::add);
    return all;
  }

  @Override
  public void close() {
    // nothing is held
  }

  private void check() {
    if (isFailing) {
      throw new StoreException("fails as told", new IllegalStateException());
    }
  }
}
