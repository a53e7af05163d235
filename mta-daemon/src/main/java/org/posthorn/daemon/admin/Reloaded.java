package org.posthorn.daemon.admin;

import java.util.List;

/**
 * What a reload has done.
 *
 * @param done true
 * @param untilRestart the keys of what takes effect at the next start only
 */
public record Reloaded(boolean done, List<String> untilRestart) {
  public Reloaded {
    untilRestart = List.copyOf(untilRestart);
  }

  /** The settings are in force, but for these. */
  Reloaded(List<String> untilRestart) {
    this(true, untilRestart);
  }
}
