package org.posthorn.daemon.quota;

import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/**
 * How much one may send. Immutable.
 *
 * @param values the limits that are set; zero for any number
 */
public record SendingLimits(Map<Limit, Integer> values) {
  /** No limits. */
  public static final SendingLimits NONE = new SendingLimits(Map.of());

  public SendingLimits {
    values = Map.copyOf(values);
  }

  /** Returns these with {@code others} in place of those that they set. */
  public SendingLimits overriddenBy(SendingLimits others) {
    var all = new EnumMap<Limit, Integer>(Limit.class);
    all.putAll(values);
    all.putAll(others.values);
    return new SendingLimits(all);
  }

  /** Returns those that are not as usual. */
  public SendingLimits unusual() {
    var others = new EnumMap<Limit, Integer>(Limit.class);
    values.forEach((limit, value) -> {
      if (value != limit.usual()) {
        others.put(limit, value);
      }
    });
    return new SendingLimits(others);
  }

  /** Returns how much is allowed; empty for any number. */
  public Optional<Integer> of(Limit limit) {
    return Optional.of(values.getOrDefault(limit, limit.usual())).filter(number -> number > 0);
  }

  /** Whether it is limited how much is sent within a time. */
  public boolean isAny() {
    return values.entrySet().stream().anyMatch(entry -> entry.getKey().isRate() && entry.getValue() > 0);
  }
}
