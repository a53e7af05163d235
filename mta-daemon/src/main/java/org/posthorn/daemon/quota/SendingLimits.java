package org.posthorn.daemon.quota;

import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/**
 * How much one may send. Immutable.
 *
 * @param values the limits that are set; zero for none
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

  /** Returns those that are above zero. */
  public SendingLimits set() {
    var above = new EnumMap<Limit, Integer>(Limit.class);
    values.forEach((limit, value) -> {
      if (value > 0) {
        above.put(limit, value);
      }
    });
    return new SendingLimits(above);
  }

  /** Returns how much is allowed; empty for any number. */
  public Optional<Integer> of(Limit limit) {
    return Optional.ofNullable(values.get(limit)).filter(number -> number > 0);
  }

  /** Whether anything is limited. */
  public boolean isAny() {
    return values.values().stream().anyMatch(number -> number > 0);
  }
}
