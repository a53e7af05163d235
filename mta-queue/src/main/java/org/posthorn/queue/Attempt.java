package org.posthorn.queue;

import java.util.Map;

/**
 * What became of a task.
 *
 * @param outcomes one for each recipient of the task
 * @param site whether the destination itself could be reached
 */
public record Attempt(Map<RecipientNumber, Outcome> outcomes, SiteState site) {
  /** What the attempt says about the destination, whatever became of the recipients. */
  public enum SiteState {
    /** It answered: more connections may be opened. */
    REACHED,
    /** No connection, no greeting, 421: fewer connections, and a pause when it goes on. */
    UNREACHED
  }

  public Attempt {
    outcomes = Map.copyOf(outcomes);
  }
}
