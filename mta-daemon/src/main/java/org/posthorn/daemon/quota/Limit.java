package org.posthorn.daemon.quota;

import java.time.Duration;
import java.util.Locale;

/** What can be limited. */
public enum Limit {
  /** Messages within an hour. */
  MESSAGES_PER_HOUR(Duration.ofHours(1)),
  /** Messages within a day. */
  MESSAGES_PER_DAY(Duration.ofDays(1)),
  /** Recipients of all messages within an hour. */
  RECIPIENTS_PER_HOUR(Duration.ofHours(1)),
  /** Recipients of all messages within a day. */
  RECIPIENTS_PER_DAY(Duration.ofDays(1)),
  /** Recipients within a day that were not written to before: what a stolen password is used for. */
  NEW_RECIPIENTS_PER_DAY(Duration.ofDays(1));

  private final Duration window;

  Limit(Duration window) {
    this.window = window;
  }

  /** Returns the time that is looked back. */
  Duration window() {
    return window;
  }

  /** Returns the name that settings and the log use. */
  public String key() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Returns what is counted, for people. */
  String text() {
    return key().replace("-per-", " within one ").replace('-', ' ');
  }
}
