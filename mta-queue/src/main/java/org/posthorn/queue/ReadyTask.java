package org.posthorn.queue;

import java.util.List;
import java.util.Optional;

/** Recipients of one message that are due at one destination, at most 100. */
record ReadyTask(Work work, Site site, List<RecipientNumber> recipients) {
  /** Recipients in one transaction at most: what every server must take (RFC 5321 §4.5.3.1.8). */
  static final int MOST_RECIPIENTS = 100;

  ReadyTask {
    recipients = List.copyOf(recipients);
  }

  /** A task that a lane has taken; when the destination does not answer, it is deferred without being tried. */
  record Taken(ReadyTask task, Optional<SiteHealth.State.BackingOff> suspended) {}
}
