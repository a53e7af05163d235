package org.posthorn.queue;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.posthorn.smtp.MailHost;

/** An index that remembers as long as it lives, and fails when told so. Passes the contract test. Safe for use by
 * many threads. */
public final class InMemoryQueueIndex implements QueueIndex {
  private record Waiter(Destination destination, Instant due, int attempts, Optional<String> lastReply, Told told) {
    Waiter dueAt(Instant other) {
      return new Waiter(destination, other, attempts, lastReply, told);
    }

    Waiter at(Destination other) {
      return new Waiter(other, due, attempts, lastReply, told);
    }
  }

  private static final class Entry {
    final QueuedMessage message;
    final Instant since;
    Optional<Instant> release;
    final Map<RecipientNumber, Waiter> waiters = new TreeMap<>();
    boolean held;
    long entryBytes;
    Set<RecipientNumber> recipients = Set.of();

    Entry(SpoolEntry entry) {
      message = entry.message();
      since = entry.startsAt();
      release = Optional.of(since).filter(message.queuedAt()::isBefore);
    }
  }

  @GuardedBy("this")
  private final TreeMap<QueueId, Entry> entries = new TreeMap<>();
  @GuardedBy("this")
  private boolean broken;
  @GuardedBy("this")
  private Optional<Error> next = Optional.empty();
  @GuardedBy("this")
  private int batches;
  @GuardedBy("this")
  private int additions;
  @GuardedBy("this")
  private int deferrals;
  @GuardedBy("this")
  private int mostIds;

  /** Throws {@link StoreException} from now on, or no longer. */
  public synchronized void fail(boolean fail) {
    broken = fail;
  }

  /** Throws {@code error} once, at the next call that can fail. */
  public synchronized void failOnce(Error error) {
    next = Optional.of(error);
  }

  /** Forgets a recipient, as a power cut may have it. */
  public synchronized void lose(QueueId id, RecipientNumber recipient) {
    waiters(id).remove(recipient);
  }

  /** Returns how many batches were applied. */
  public synchronized int batches() {
    return batches;
  }

  /** Returns how many additions were written. */
  public synchronized int additions() {
    return additions;
  }

  /** Returns how many deferrals were written. */
  public synchronized int deferrals() {
    return deferrals;
  }

  /** Returns of how many messages at most one transaction of an operator's was. */
  public synchronized int mostIds() {
    return mostIds;
  }

  /** Returns all there is, in order. */
  public List<Listing> all() {
    return matching(QueueFilter.ALL);
  }

  @Override
  public synchronized void apply(Changes changes) {
    requireSound();
    batches++;
    additions += changes.added().size();
    for (var addition : changes.added()) {
      var entry = new Entry(addition.entry());
      entry.held = addition.entry().isHeld();
      entry.entryBytes = addition.entryBytes();
      addition.destinations()
          .forEach((number, destination) -> entry.waiters.put(number,
              new Waiter(destination, addition.due().truncatedTo(ChronoUnit.MILLIS), 0, Optional.empty(),
                  told(addition.entry(), number))));
      entry.recipients = Set.copyOf(entry.waiters.keySet());
      entries.put(addition.entry().message().id(), entry);
    }
    for (var deferral : changes.deferred()) {
      waiters(deferral.id()).computeIfPresent(deferral.recipient(), (_, waiter) -> new Waiter(waiter.destination(),
          deferral.due().truncatedTo(ChronoUnit.MILLIS), deferral.attempts(), Optional.of(deferral.lastReply()),
          deferral.told().compareTo(waiter.told()) > 0 ? deferral.told() : waiter.told()));
      deferrals++;
    }
    changes.finished().forEach(finish -> waiters(finish.id()).remove(finish.recipient()));
    changes.removed().forEach(entries::remove);
  }

  @GuardedBy("this")
  private Map<RecipientNumber, Waiter> waiters(QueueId id) {
    var entry = entries.get(id);
    return entry == null ? new HashMap<>() : entry.waiters;
  }

  @Override
  public List<Integer> priorities() {
    return List.of(9, 8, 7, 6, 5, 4, 3, 2, 1, 0, -1, -2, -3, -4, -5, -6, -7, -8, -9);
  }

  @Override
  public synchronized List<Row> due(Destination destination, int priority, Instant now, int limit,
      Set<QueueId> leased) {
    requireSound();
    var rows = new ArrayList<Row>();
    entries.forEach((id, entry) -> entry.waiters.forEach((number, waiter) -> {
      if (!entry.held && !leased.contains(id) && waiter.destination().equals(destination)
          && !waiter.due().isAfter(now) && entry.message.envelope().handling().urgency().value() == priority) {
        rows.add(new Row(id, number, destination, waiter.due(), waiter.attempts(), priority));
      }
    }));
    rows.sort(Comparator.comparing(Row::due).thenComparing(Row::id).thenComparing(Row::recipient));
    return List.copyOf(rows.subList(0, Math.min(limit, rows.size())));
  }

  @Override
  public synchronized List<Aged> oldest(Destination destination, Told told, int limit, Set<QueueId> leased) {
    requireSound();
    var aged = new ArrayList<Aged>();
    entries.forEach((id, entry) -> entry.waiters.forEach((number, waiter) -> {
      if (!entry.held && !leased.contains(id) && waiter.destination().equals(destination) && waiter.told() == told) {
        aged.add(new Aged(new Row(id, number, destination, waiter.due(), waiter.attempts()),
            entry.since.truncatedTo(ChronoUnit.MILLIS)));
      }
    }));
    aged.sort(Comparator.comparing(Aged::queuedAt)
        .thenComparing(old -> old.row().id())
        .thenComparing(old -> old.row().recipient()));
    return List.copyOf(aged.subList(0, Math.min(limit, aged.size())));
  }

  @Override
  public synchronized List<Deadline> deadlines(Deadline last, int limit) {
    requireSound();
    var order = Comparator.comparing(Deadline::at).thenComparing(Deadline::id);
    return entries.values()
        .stream()
        .flatMap(entry -> entry.message.deadline().map(at -> new Deadline(entry.message.id(), at)).stream())
        .filter(deadline -> order.compare(deadline, last) > 0)
        .sorted(order)
        .limit(limit)
        .toList();
  }

  @Override
  public synchronized long scheduled(Instant now) {
    requireSound();
    return entries.values().stream().filter(entry -> entry.release.filter(now::isBefore).isPresent()).count();
  }

  @Override
  public synchronized List<Scheduled> scheduledFor(String account, Instant now, int limit) {
    requireSound();
    return entries.values()
        .stream()
        .filter(entry -> entry.release.filter(now::isBefore).isPresent() && account(entry).equals(account))
        .map(entry -> new Scheduled(entry.message.id(), entry.message.contentBytes()))
        .limit(limit)
        .toList();
  }

  @Override
  public synchronized List<ScheduledTotal> scheduledByAccount(Instant now) {
    requireSound();
    var totals = new TreeMap<String, ScheduledTotal>();
    entries.values()
        .stream()
        .filter(entry -> entry.release.filter(now::isBefore).isPresent() && !account(entry).isEmpty())
        .forEach(entry -> totals.merge(account(entry),
            new ScheduledTotal(account(entry), 1, entry.message.contentBytes()),
            (a, b) -> new ScheduledTotal(a.account(), a.messages() + 1, a.contentBytes() + b.contentBytes())));
    return List.copyOf(totals.values());
  }

  private static String account(Entry entry) {
    return entry.message.envelope().handling().release().map(Handling.Release::account).orElse("");
  }

  private static Told told(SpoolEntry entry, RecipientNumber recipient) {
    if (entry.message().envelope().from().isNull()) {
      return Told.NOBODY;
    }
    return entry.isDelayReported(recipient) ? Told.DELAY : Told.NOTHING;
  }

  @Override
  public synchronized List<Waiting> waiting() {
    requireSound();
    var waiting = new HashMap<Destination, Waiting>();
    entries.values()
        .stream()
        .filter(entry -> !entry.held)
        .flatMap(entry -> entry.waiters.values().stream())
        .forEach(waiter -> waiting.merge(waiter.destination(), new Waiting(waiter.destination(), 1, waiter.due()),
            (a, b) -> new Waiting(a.destination(), a.recipients() + 1,
                a.firstDue().isBefore(b.firstDue()) ? a.firstDue() : b.firstDue())));
    return List.copyOf(waiting.values());
  }

  @Override
  public synchronized Size size() {
    long held = entries.values().stream().filter(entry -> entry.held).mapToLong(entry -> entry.waiters.size()).sum();
    return new Size(entries.values().stream().mapToLong(entry -> entry.waiters.size()).sum() - held, held);
  }

  @Override
  public synchronized void confirm(Map<QueueId, Long> entryBytes) {
    requireSound();
    entryBytes.forEach((id, bytes) -> entries.computeIfPresent(id, (_, entry) -> {
      entry.entryBytes = bytes;
      entry.recipients = Set.copyOf(entry.waiters.keySet());
      return entry;
    }));
  }

  @Override
  public void forEachLength(Spool.LengthVisitor visitor) {
    lengths(_ -> true).forEach(visitor::visit);
  }

  @Override
  public void forEachWholeLength(Spool.LengthVisitor visitor) {
    lengths(entry -> entry.recipients.equals(entry.waiters.keySet())).forEach(visitor::visit);
  }

  private synchronized Map<QueueId, Long> lengths(Predicate<Entry> isKnown) {
    requireSound();
    var lengths = new TreeMap<QueueId, Long>();
    entries.forEach((id, entry) -> lengths.put(id, isKnown.test(entry) ? entry.entryBytes : 0));
    return lengths;
  }

  @Override
  public void find(QueueFilter filter, Consumer<Listing> visitor) {
    matching(filter).forEach(visitor);
  }

  private synchronized List<Listing> matching(QueueFilter filter) {
    requireSound();
    var listings = new ArrayList<Listing>();
    entries.values()
        .stream()
        .filter(entry -> matches(filter, entry))
        .forEach(entry -> entry.waiters.forEach((number, waiter) -> {
          if (matches(filter, entry.message.envelope().recipient(number))) {
            listings.add(listing(entry, number, waiter));
          }
        }));
    return listings;
  }

  private static boolean matches(QueueFilter filter, Entry entry) {
    var message = entry.message;
    return (filter.ids().isEmpty() || filter.ids().contains(message.id()))
        && filter.sender().stream().allMatch(equalsKey(message.envelope().from().toString()))
        && filter.queuedBefore().stream().allMatch(message.queuedAt()::isBefore)
        && filter.held().stream().allMatch(held -> held == entry.held)
        && filter.scheduledAfter().stream().allMatch(after -> entry.release.filter(after::isBefore).isPresent());
  }

  private static boolean matches(QueueFilter filter, Recipient recipient) {
    return filter.recipient().stream().allMatch(equalsKey(recipient.address().toString()))
        && filter.domain().stream().allMatch(equalsKey(recipient.address().host().toString()));
  }

  private static Predicate<String> equalsKey(String text) {
    return other -> other.toLowerCase(Locale.ROOT).equals(text.toLowerCase(Locale.ROOT));
  }

  private static Listing listing(Entry entry, RecipientNumber number, Waiter waiter) {
    var message = entry.message;
    return new Listing(message.id(), message.queuedAt().truncatedTo(ChronoUnit.MILLIS), message.contentBytes(),
        message.envelope().from().toString(), number, message.envelope().recipient(number).address().toString(),
        waiter.destination(), entry.held, waiter.attempts(), waiter.due(), waiter.lastReply());
  }

  @Override
  public synchronized void reschedule(List<QueueId> ids, Instant due) {
    requireSound();
    mostIds = Math.max(mostIds, ids.size());
    ids.forEach(id -> Optional.ofNullable(entries.get(id)).ifPresent(entry -> entry.release = Optional.empty()));
    ids.forEach(id -> waiters(id).replaceAll(
        (_, waiter) -> waiter.due().isAfter(due) ? waiter.dueAt(due.truncatedTo(ChronoUnit.MILLIS)) : waiter));
  }

  @Override
  public synchronized void setHeld(List<QueueId> ids, boolean held) {
    requireSound();
    mostIds = Math.max(mostIds, ids.size());
    for (var id : ids) {
      var entry = entries.get(id);
      if (entry != null) {
        entry.held = held;
      }
    }
  }

  @Override
  public synchronized void reroute(Function<MailHost, Destination> routes) {
    requireSound();
    var known = new HashMap<MailHost, Destination>();
    entries.values()
        .forEach(entry -> entry.waiters.replaceAll((number, waiter) -> waiter
            .at(known.computeIfAbsent(entry.message.envelope().recipient(number).address().host(), routes))));
  }

  @Override
  public void forEachId(Consumer<QueueId> visitor) {
    ids().forEach(visitor);
  }

  private synchronized Set<QueueId> ids() {
    requireSound();
    return new TreeSet<>(entries.keySet());
  }

  @GuardedBy("this")
  private void requireSound() {
    var error = next;
    next = Optional.empty();
    if (error.isPresent()) {
      throw error.get();
    }
    if (broken) {
      throw new StoreException("fails as told", new IllegalStateException());
    }
  }

  @Override
  public void close() {}
}
