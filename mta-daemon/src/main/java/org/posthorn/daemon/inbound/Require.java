package org.posthorn.daemon.inbound;

import java.time.Duration;

/** Checks of settings: an IllegalArgumentException names the setting, the value and what is allowed. */
final class Require {
  private Require() {}

  static void that(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalArgumentException(otherwise);
    }
  }

  static void within(String name, long value, long least, long most) {
    that(value >= least && value <= most, name + " is not " + least + " to " + most + ": " + value);
  }

  static void positive(String name, Duration value) {
    that(value.isPositive(), name + " is not above zero: " + value);
  }

  static void notNegative(String name, Duration value) {
    that(!value.isNegative(), name + " is below zero: " + value);
  }
}
