package org.posthorn.queue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * How an operator's commands get hold of what is in memory: what is ready is taken away from the lanes, what is being tried
 * is not touched. Safe for use by many threads.
 */
final class Seizure {
  private final QueueLock lock;
  private final Sites sites;
  private final Works works;

  /** {@code lock} guards the others. */
  Seizure(QueueLock lock, Sites sites, Works works) {
    this.lock = lock;
    this.sites = sites;
    this.works = works;
  }

  /** Returns a message, which stays in memory until {@link #letGo}. */
  Work seize(QueueId id) {
    return lock.call(() -> {
      var work = works.at(id);
      work.seized++;
      return work;
    });
  }

  /** Ends {@link #seize}. */
  void letGo(Work work) {
    lock.run(() -> {
      work.seized--;
      works.forget(work);
    });
  }

  /**
   * Takes {@code open} recipients of a message that is seized away from everyone but attempts that run, and returns those
   * that are leased to the caller now. Call it in the turn of the message.
   */
  List<RecipientNumber> take(Work work, Map<RecipientNumber, Destination> open) {
    return lock.call(() -> {
      works.withdraw(work).forEach(recipient -> Site.stage(work, recipient, Work.Stage.SETTLING));
      var taken = new ArrayList<RecipientNumber>();
      open.forEach((recipient, destination) -> {
        var lease = work.leases.get(recipient);
        if (lease == null) {
          works.lease(sites.at(destination), work, recipient);
        }
        if (lease == null || lease.stage != Work.Stage.ACTIVE) {
          Site.stage(work, recipient, Work.Stage.SETTLING);
          taken.add(recipient);
        }
      });
      return taken;
    });
  }

  /** Takes out of the ready queues what belongs to {@code work}; the leases stay. */
  List<RecipientNumber> withdraw(Work work) {
    return lock.call(() -> {
      var withdrawn = works.withdraw(work);
      withdrawn.forEach(recipient -> Site.stage(work, recipient, Work.Stage.SETTLING));
      return withdrawn;
    });
  }

  /** Takes out all that is ready for a destination; the leases stay. */
  Map<Work, List<RecipientNumber>> withdrawAll(Destination destination) {
    return lock.call(() -> {
      Map<Work, List<RecipientNumber>> withdrawn = sites.find(destination)
          .map(site -> site.withdraw(_ -> true))
          .orElse(Map.of());
      withdrawn.forEach((work, recipients) -> recipients
          .forEach(recipient -> Site.stage(work, recipient, Work.Stage.SETTLING)));
      return withdrawn;
    });
  }
}
