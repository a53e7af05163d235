package org.posthorn.daemon.cli;

import java.util.Locale;

/** How many octets, for people: three digits and a unit of 1024. */
final class Size {
  private static final String[] UNITS = {"B", "KB", "MB", "GB", "TB"};

  private Size() {}

  /** Returns such as {@code 812 B} or {@code 4.2 KB}. */
  static String of(long octets) {
    double number = octets;
    int unit = 0;
    while (number >= 1000 && unit < UNITS.length - 1) {
      number /= 1024;
      unit++;
    }
    return unit == 0
        ? octets + " B"
        : String.format(Locale.ROOT, number < 10 ? "%.1f %s" : "%.0f %s", number, UNITS[unit]);
  }
}
