package org.posthorn.dns;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;

/**
 * How to ask the DNS.
 *
 * @param servers recursive resolvers, asked in this order; empty: those of /etc/resolv.conf, read again when it changes
 * @param timeout for one answer of one server; default 5 s
 * @param attempts how often each server is asked before a look-up fails, 1 to 10; default 2
 * @param cacheEntries how many answers are remembered, 0 to 10,000,000; default 100,000
 * @param maxTtl the longest time for which an answer is remembered, whatever its TTL; default 1 day
 * @param maxNegativeTtl the longest time for which the absence of a record is remembered (RFC 2308 §5); default 5 min
 */
public record DnsSettings(List<InetSocketAddress> servers, Duration timeout, int attempts, int cacheEntries,
    Duration maxTtl, Duration maxNegativeTtl) {
  public DnsSettings {
    servers = List.copyOf(servers);
    for (InetSocketAddress server : servers) {
      require(!server.isUnresolved() && server.getPort() > 0, "dns.servers", server, "addresses with a port");
    }
    require(isWithin(timeout, Duration.ofMillis(1), Duration.ofMinutes(2)), "dns.timeout", timeout, "1 ms to 2 min");
    require(attempts >= 1 && attempts <= 10, "dns.attempts", attempts, "1 to 10");
    require(cacheEntries >= 0 && cacheEntries <= 10_000_000, "dns.cache-entries", cacheEntries, "0 to 10000000");
    require(isWithin(maxTtl, Duration.ZERO, Duration.ofDays(7)), "dns.max-ttl", maxTtl, "0 to 7 days");
    require(isWithin(maxNegativeTtl, Duration.ZERO, Duration.ofDays(1)), "dns.max-negative-ttl", maxNegativeTtl,
        "0 to 1 day");
  }

  /** Returns the defaults for {@code servers}. */
  public static DnsSettings of(List<InetSocketAddress> servers) {
    return new DnsSettings(servers, Duration.ofSeconds(5), 2, 100_000, Duration.ofDays(1), Duration.ofMinutes(5));
  }

  private static boolean isWithin(Duration value, Duration least, Duration most) {
    return value.compareTo(least) >= 0 && value.compareTo(most) <= 0;
  }

  private static void require(boolean isAllowed, String key, Object value, String allowed) {
    if (!isAllowed) {
      throw new IllegalArgumentException(key + " = " + value + " is not allowed; allowed: " + allowed);
    }
  }
}
