package org.posthorn.queue;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/** The messages in memory and their leases. Guarded by the lock of the {@link ActiveQueue}. */
final class Works {
  private final Map<QueueId, Work> works = new TreeMap<>();
  /** Those with a deadline that the index may not know, the first first. */
  private final TreeSet<Work> timed = new TreeSet<>(
      Comparator.comparing((Work work) -> work.deadline.orElse(Site.NEVER)).thenComparing(work -> work.id));
  private int recipients;

  /** Returns a message that is in memory, or that the index has. */
  Work at(QueueId id) {
    return works.computeIfAbsent(id, Work::indexed);
  }

  Map<QueueId, Work> all() {
    return works;
  }

  /** Returns when the first deadline in memory is over. */
  Instant firstDeadline() {
    return timed.isEmpty() ? Site.NEVER : timed.first().deadline.orElse(Site.NEVER);
  }

  /** Takes the messages out of the order of deadlines whose time is over at {@code now}. */
  List<QueueId> takeOverdue(Instant now) {
    var overdue = new ArrayList<QueueId>();
    while (!firstDeadline().isAfter(now)) {
      overdue.add(timed.removeFirst().id);
    }
    return overdue;
  }

  /** Returns how many recipients are leased. */
  int recipients() {
    return recipients;
  }

  /**
   * Whether {@code more} recipients that have just come in may stay in memory for {@code site}. A destination may fill half
   * of it with them: as long as they wait here, the index need not know them.
   */
  boolean hasRoomForFresh(Site site, int more, QueueSettings settings) {
    return recipients + more <= settings.memoryRecipients()
        && site.readyRecipients() + more <= Math.max(settings.readyRecipients(), settings.memoryRecipients() / 2);
  }

  /** Whether a recipient is in memory. */
  boolean isLeased(QueueId id, RecipientNumber recipient) {
    var work = works.get(id);
    return work != null && work.leases.containsKey(recipient);
  }

  /** Leases recipients, tried as often as given, and puts them into the ready queue of {@code site}. */
  void enqueue(Site site, Work work, Map<RecipientNumber, Integer> attempts) {
    works.putIfAbsent(work.id, work);
    if (work.deadline.isPresent() && works.get(work.id) == work) {
      timed.add(work);
    }
    site.enqueue(work, attempts);
    recipients += attempts.size();
  }

  /** Leases a recipient for something else than an attempt. */
  void lease(Site site, Work work, RecipientNumber recipient) {
    site.lease(work, recipient);
    recipients++;
  }

  /** Ends the leases that there are on {@code released}, and returns the destinations that they were for. */
  List<Site> release(Work work, Collection<RecipientNumber> released) {
    var sites = new ArrayList<Site>();
    for (var recipient : released) {
      Optional.ofNullable(work.leases.remove(recipient)).ifPresent(lease -> {
        recipients--;
        lease.site.unlease(work.id);
        sites.add(lease.site);
      });
    }
    return sites;
  }

  /** Takes out of the ready queues what belongs to {@code work}; the leases stay. */
  List<RecipientNumber> withdraw(Work work) {
    var withdrawn = new ArrayList<RecipientNumber>();
    work.leases.values()
        .stream()
        .map(lease -> lease.site)
        .distinct()
        .forEach(site -> site.withdraw(work::equals).values().forEach(withdrawn::addAll));
    return withdrawn;
  }

  /** Forgets a message that nothing is left to know of. */
  void forget(Work work) {
    if (work.leases.isEmpty() && !work.isKept && work.seized == 0) {
      works.remove(work.id, work);
      if (work.deadline.isPresent()) {
        timed.remove(work);
      }
    }
  }
}
