package org.posthorn.delivery;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.posthorn.queue.Attempt;
import org.posthorn.queue.Attempt.SiteState;
import org.posthorn.queue.Outcome;
import org.posthorn.queue.RecipientNumber;

/** What has become of each recipient of a task so far, and which servers could not be used. Used by one thread. */
final class Ledger {
  private final Set<RecipientNumber> open;
  private final Map<RecipientNumber, Outcome> outcomes = new HashMap<>();
  private final List<Outcome> obstacles = new ArrayList<>();
  private SiteState site = SiteState.REACHED;

  Ledger(List<RecipientNumber> recipients) {
    open = new TreeSet<>(recipients);
  }

  /** Returns those whose outcome is not known yet, in order. */
  List<RecipientNumber> open() {
    return List.copyOf(open);
  }

  boolean hasOpen() {
    return !open.isEmpty();
  }

  /** Whether the outcome of anyone is known. */
  boolean hasSettled() {
    return !outcomes.isEmpty();
  }

  /** Notes what became of {@code recipient}; the first word counts. */
  void settle(RecipientNumber recipient, Outcome outcome) {
    if (open.remove(recipient)) {
      outcomes.put(recipient, outcome);
    }
  }

  /** Notes the same for all that are open. */
  void settleAll(Outcome outcome) {
    open().forEach(recipient -> settle(recipient, outcome));
  }

  /** Notes why a server could not be used for those that are open. */
  void addObstacle(Outcome why) {
    obstacles.add(why);
  }

  /** Notes that the destination is in trouble. */
  void noteUnreached() {
    site = SiteState.UNREACHED;
  }

  /** Returns the attempt when nothing more can be tried. */
  Attempt close(List<Outcome> obstaclesOfWalk) {
    if (hasOpen()) {
      var all = new ArrayList<>(obstaclesOfWalk);
      all.addAll(obstacles); // what a server said tells more than what the DNS withheld
      Outcome outcome = FailurePolicy.exhausted(all);
      settleAll(outcome);
      if (outcome instanceof Outcome.Deferred) {
        noteUnreached();
      }
    }
    return new Attempt(outcomes, site);
  }
}
