package org.posthorn.queue;

import java.time.Instant;
import java.util.Optional;

/**
 * How a destination fares, as the operator sees it.
 *
 * @param state whether mail goes there now
 * @param until when a pause or a back-off ends by itself
 * @param reason why it is paused or left alone
 * @param limit how many transactions may run at once now
 * @param active how many run
 * @param ready recipients that are in memory and wait for a transaction
 * @param waiting recipients that the index has, in memory or not, without those that are held
 * @param firstDue when the first of these is due
 */
public record SiteStatus(Destination destination, State state, Optional<Instant> until, Optional<String> reason,
    int limit, int active, int ready, long waiting, Optional<Instant> firstDue) {
  /** Whether mail goes to a destination. */
  public enum State {
    /** It does. */
    OPEN,
    /** It did not answer, and is left alone for a while. */
    BACKING_OFF,
    /** One attempt is to find out whether it answers again. */
    PROBING,
    /** The operator stopped it. */
    PAUSED
  }

  /** Describes what is in memory of a destination. */
  static SiteStatus of(Site site, Instant now) {
    var health = site.health.state(now);
    var state = switch (health) {
      case SiteHealth.State.Open _ -> State.OPEN;
      case SiteHealth.State.BackingOff _ -> State.BACKING_OFF;
      case SiteHealth.State.Probing _ -> State.PROBING;
    };
    Optional<Instant> until = health instanceof SiteHealth.State.BackingOff(var end, _)
        ? Optional.of(end)
        : Optional.empty();
    Optional<String> reason = switch (health) {
      case SiteHealth.State.Open _ -> Optional.empty();
      case SiteHealth.State.BackingOff(_, var why) -> Optional.of(why.text());
      case SiteHealth.State.Probing(var why) -> Optional.of(why.text());
    };
    var open = new SiteStatus(site.destination, state, until, reason, site.health.limit(now), site.active,
        site.readyRecipients(), 0, Optional.empty());
    return site.pause.map(open::paused).orElse(open);
  }

  /** Describes a destination of which nothing is in memory. */
  static SiteStatus of(Destination destination, SiteLimits limits) {
    return new SiteStatus(destination, State.OPEN, Optional.empty(), Optional.empty(), limits.initial(), 0, 0, 0,
        Optional.empty());
  }

  SiteStatus with(QueueIndex.Waiting indexed) {
    return new SiteStatus(destination, state, until, reason, limit, active, ready, indexed.recipients(),
        Optional.of(indexed.firstDue()));
  }

  private SiteStatus paused(Pause pause) {
    return new SiteStatus(destination, State.PAUSED, pause.until(), Optional.of(pause.reason()), limit, active, ready,
        waiting, firstDue);
  }
}
