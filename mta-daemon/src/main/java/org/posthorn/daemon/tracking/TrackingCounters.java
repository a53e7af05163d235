package org.posthorn.daemon.tracking;

import java.util.concurrent.atomic.LongAdder;

/** What senders who track their messages have asked since the start. Safe for use by many threads. */
public final class TrackingCounters {
  private final LongAdder connections = new LongAdder();
  private final LongAdder refused = new LongAdder();
  private final LongAdder known = new LongAdder();
  private final LongAdder unknown = new LongAdder();

  TrackingCounters() {}

  void connected() {
    connections.increment();
  }

  void refused() {
    refused.increment();
  }

  void asked(boolean isKnown) {
    (isKnown ? known : unknown).increment();
  }

  /** Returns how many connections were served. */
  public long connections() {
    return connections.sum();
  }

  /** Returns how many were turned away. */
  public long refusals() {
    return refused.sum();
  }

  /** Returns how many questions were answered with what is known. */
  public long known() {
    return known.sum();
  }

  /** Returns how many were about messages of which nothing is known, or whose secret is another. */
  public long unknown() {
    return unknown.sum();
  }
}
