package org.posthorn.daemon.cli;

import java.time.Duration;

/** How long something takes or is ago, for people: its two largest units. */
final class Age {
  private Age() {}

  /** Returns such as {@code 3d4h}, {@code 2h5m}, {@code 42s}; a negative one is {@code 0s}. */
  static String of(Duration duration) {
    long seconds = Math.max(0, duration.toSeconds());
    if (seconds < 60) {
      return seconds + "s";
    }
    if (seconds < 3600) {
      return seconds / 60 + "m" + seconds % 60 + "s";
    }
    if (seconds < 86_400) {
      return seconds / 3600 + "h" + seconds % 3600 / 60 + "m";
    }
    return seconds / 86_400 + "d" + seconds % 86_400 / 3600 + "h";
  }
}
