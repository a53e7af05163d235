package org.posthorn.daemon.quota;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

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
  NEW_RECIPIENTS_PER_DAY(Duration.ofDays(1)),
  /** Messages that wait here until they are to be sent on, as their sender wants it (RFC 4865 §6). */
  SCHEDULED_MESSAGES(1_000),
  /** How much room all of them take, in units of 2^20 octets. */
  SCHEDULED_MEGABYTES(1_000);

  /** Those about what is sent within a time. */
  static final List<Limit> RATES = Stream.of(values()).filter(Limit::isRate).toList();

  private final Duration window;
  private final int usual;

  Limit(Duration window) {
    this.window = window;
    this.usual = 0;
  }

  Limit(int usual) {
    this.window = Duration.ZERO;
    this.usual = usual;
  }

  /** Whether it is about what is sent within a time; else about what there is at any time. */
  public boolean isRate() {
    return window.isPositive();
  }

  /** Returns the time that is looked back. */
  Duration window() {
    return window;
  }

  /** Returns how much is allowed where nobody says anything; 0 for any number. */
  public int usual() {
    return usual;
  }

  /** Returns the name that settings and the log use. */
  public String key() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Returns what is counted, for people. */
  String text() {
    return isRate()
        ? key().replace("-per-", " within one ").replace('-', ' ')
        : key().replace("scheduled-", "") + " waiting to be sent later";
  }
}
