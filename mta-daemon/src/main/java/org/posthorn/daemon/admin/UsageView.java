package org.posthorn.daemon.admin;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.posthorn.daemon.quota.Quotas;

/**
 * What somebody has sent, as it is shown.
 *
 * @param who a login or the name of a trusted client
 * @param used how much of what is limited, by the name of the limit
 * @param limitReached when a limit was last reached
 */
public record UsageView(String who, Map<String, Integer> used, Optional<Instant> limitReached) {
  static UsageView of(Quotas.Usage usage) {
    var used = new TreeMap<String, Integer>();
    usage.used().forEach((limit, number) -> used.put(limit.key(), number));
    return new UsageView(usage.who(), used, usage.blockedAt());
  }
}
