package org.posthorn.queue;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Supplier;

/** The destinations in memory, and when each has to be looked at. Guarded by the lock of the {@link ActiveQueue}. */
final class Sites {
  private final Supplier<QueueSettings> settings;
  private final Runnable wake;
  private final Map<Destination, Site> sites = new HashMap<>();
  private final TreeSet<Site> timers = new TreeSet<>(
      Comparator.comparing((Site site) -> site.wakeAt).thenComparing(site -> site.destination.name()));

  /** {@code wake} tells the scheduler that something is due sooner than it knew. */
  Sites(Supplier<QueueSettings> settings, Runnable wake) {
    this.settings = settings;
    this.wake = wake;
  }

  /** Returns a destination, new if it is not known. */
  Site at(Destination destination) {
    return sites.computeIfAbsent(destination, name -> new Site(name, settings.get().sites()));
  }

  /** Returns a destination if it is known. */
  Optional<Site> find(Destination destination) {
    return Optional.ofNullable(sites.get(destination));
  }

  Map<Destination, Site> all() {
    return sites;
  }

  /** Sets the timer of a destination anew, or forgets it when nothing is left to know. */
  void rearm(Site site) {
    Instant wakeAt = site.wakeTime(settings.get());
    if (!wakeAt.equals(site.wakeAt)) {
      timers.remove(site);
      site.wakeAt = wakeAt;
      if (!wakeAt.equals(Site.NEVER)) {
        timers.add(site);
      }
      if (!timers.isEmpty() && timers.first() == site) {
        wake.run();
      }
    }
    if (site.isForgettable()) {
      sites.remove(site.destination, site);
    }
  }

  /** Takes those out whose time has come; each is to be armed again. */
  List<Site> ring(Instant now) {
    var due = new ArrayList<Site>();
    while (!timers.isEmpty() && !timers.first().wakeAt.isAfter(now)) {
      var site = timers.removeFirst();
      site.wakeAt = Site.NEVER;
      due.add(site);
    }
    return due;
  }

  /** Returns when the first has to be looked at. */
  Instant firstTime() {
    return timers.isEmpty() ? Site.NEVER : timers.first().wakeAt;
  }
}
