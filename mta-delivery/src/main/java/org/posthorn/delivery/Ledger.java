package org.posthorn.delivery;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.posthorn.queue.Attempt;
import org.posthorn.queue.Attempt.SiteState;
import org.posthorn.queue.Outcome;
import org.posthorn.queue.QueueId;
import org.posthorn.queue.RecipientNumber;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What has become of each recipient of a task so far, and which servers could not be used. Used by one thread. */
final class Ledger {
  private static final Logger log = LoggerFactory.getLogger(Ledger.class);

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

  /** Whether a server has the message now, for anyone. */
  boolean hasDelivered() {
    return outcomes.values().stream().anyMatch(Outcome.Delivered.class::isInstance);
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

  /** What settles recipients. */
  interface Steps {
    /** Goes as far as possible. */
    void run() throws InterruptedException;
  }

  /**
   * Does all that can be tried for the message {@code id}, and returns what became of it. Once anybody has the message, neither an
   * interrupt nor a bug makes us forget it, or they would get it again.
   *
   * @param obstaclesOfWalk what kept servers from being tried, asked for at the end
   */
  Attempt attempt(QueueId id, Steps steps, Supplier<List<Outcome>> obstaclesOfWalk) throws InterruptedException {
    try {
      steps.run();
      settleRest(obstaclesOfWalk.get());
    } catch (InterruptedException e) {
      if (outcomes.isEmpty()) {
        throw e;
      }
      settleAll(FailurePolicy.interrupted());
    } catch (RuntimeException | VirtualMachineError | LinkageError e) {
      if (outcomes.isEmpty()) {
        throw e;
      }
      log.atError().addKeyValue("id", id.value()).setCause(e).log("attempt broken off for the rest of the recipients");
    }
    return new Attempt(outcomes, site);
  }

  private void settleRest(List<Outcome> obstaclesOfWalk) {
    if (hasOpen()) {
      var all = new ArrayList<>(obstaclesOfWalk);
      all.addAll(obstacles); // what a server said tells more than what the DNS withheld
      Outcome outcome = FailurePolicy.exhausted(all);
      settleAll(outcome);
      if (outcome instanceof Outcome.Deferred) {
        noteUnreached();
      }
    }
  }
}
