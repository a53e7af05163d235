package org.posthorn.delivery.tls;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** How the handshakes with servers ended, since the start. Safe for use by many threads. */
public final class TlsCounters {
  /** The end of a handshake. */
  public enum Handshake {
    /** The server is who it should be. */
    VERIFIED,
    /** Encrypted, with whomever. */
    UNVERIFIED,
    /** No TLS. */
    FAILED
  }

  private final Map<Handshake, LongAdder> handshakes = new EnumMap<>(Handshake.class);

  /** Starts at 0. */
  public TlsCounters() {
    for (var end : Handshake.values()) {
      handshakes.put(end, new LongAdder());
    }
  }

  void count(Handshake end) {
    handshakes.getOrDefault(end, new LongAdder()).increment();
  }

  /** Returns how many ended so. */
  public long handshakes(Handshake end) {
    return handshakes.getOrDefault(end, new LongAdder()).sum();
  }
}
