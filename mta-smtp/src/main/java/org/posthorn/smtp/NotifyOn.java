package org.posthorn.smtp;

import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;

/** The NOTIFY parameter: what the sender wants to hear of one recipient (RFC 3461 §4.1). */
public record NotifyOn(Set<Condition> conditions) {
  /** What can be reported. */
  public enum Condition {
    /** The message was delivered. */
    SUCCESS,
    /** The message was not and will not be delivered. */
    FAILURE,
    /** Delivery takes unusually long. */
    DELAY
  }

  /** {@code NOTIFY=NEVER}: no DSN under any condition. */
  public static final NotifyOn NEVER = new NotifyOn(Set.of());

  public NotifyOn {
    conditions = Set.copyOf(conditions);
  }

  /** Returns the wish to hear of {@code first} and {@code rest}. */
  public static NotifyOn of(Condition first, Condition... rest) {
    return new NotifyOn(EnumSet.of(first, rest));
  }

  /** Returns the value as it stands behind {@code NOTIFY=}. */
  @Override
  public String toString() {
    return conditions.isEmpty()
        ? "NEVER"
        : conditions.stream().sorted().map(Condition::name).collect(Collectors.joining(","));
  }
}
