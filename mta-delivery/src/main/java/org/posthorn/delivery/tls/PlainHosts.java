package org.posthorn.delivery.tls;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import org.posthorn.smtp.MailHost;

/**
 * Hosts whose TLS does not work, for a while: each message would try in vain first. Bounded. Safe for use by many threads.
 */
final class PlainHosts {
  /** How long a host is not asked for TLS again. */
  static final Duration MEMORY = Duration.ofMinutes(15);
  private static final int MAX_HOSTS = 10_000;

  private final InstantSource clock;
  private final Map<MailHost, Instant> until = new LinkedHashMap<>(); // guarded by this; the one noted first goes first

  PlainHosts(InstantSource clock) {
    this.clock = clock;
  }

  synchronized void add(MailHost host) {
    until.remove(host);
    until.put(host, clock.instant().plus(MEMORY));
    if (until.size() > MAX_HOSTS) {
      until.remove(until.keySet().iterator().next());
    }
  }

  synchronized boolean contains(MailHost host) {
    Instant end = until.get(host);
    if (end != null && !clock.instant().isBefore(end)) {
      until.remove(host);
      return false;
    }
    return end != null;
  }
}
