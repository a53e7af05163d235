package org.posthorn.daemon.config;

import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations and sizes as the settings and the command line write them: {@code 30s}, {@code 5m}, {@code 35MB}. */
public final class Quantity {
  private static final Pattern FORM = Pattern.compile("([0-9]{1,12}) ?([A-Za-z]{1,2})");

  private Quantity() {}

  /** Reads {@code 250ms}, {@code 30s}, {@code 5m}, {@code 4h}, {@code 5d} or {@code 2w}; empty when it is none. */
  public static Optional<Duration> duration(String text) {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    long number = Long.parseLong(matcher.group(1));
    return switch (matcher.group(2)) {
      case "ms" -> Optional.of(Duration.ofMillis(number));
      case "s" -> Optional.of(Duration.ofSeconds(number));
      case "m" -> Optional.of(Duration.ofMinutes(number));
      case "h" -> Optional.of(Duration.ofHours(number));
      case "d" -> Optional.of(Duration.ofDays(number));
      case "w" -> Optional.of(Duration.ofDays(number * 7));
      default -> Optional.empty();
    };
  }

  /** Reads {@code 500B}, {@code 64KB}, {@code 35MB} or {@code 2GB}, each 1024 of the one before; empty when it is none. */
  public static Optional<Long> bytes(String text) {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    long number = Long.parseLong(matcher.group(1));
    return switch (matcher.group(2).toUpperCase(Locale.ROOT)) {
      case "B" -> Optional.of(number);
      case "KB" -> Optional.of(number << 10);
      case "MB" -> Optional.of(number << 20);
      case "GB" -> Optional.of(Math.multiplyHigh(number, 1L << 30) == 0 ? number << 30 : Long.MAX_VALUE);
      default -> Optional.empty();
    };
  }

  /** Writes a duration in its largest whole unit, as {@link #duration} reads it. */
  public static String of(Duration duration) {
    long millis = duration.toMillis();
    if (millis % 1000 != 0) {
      return millis + "ms";
    }
    long seconds = millis / 1000;
    if (seconds == 0 || seconds % 60 != 0) {
      return seconds + "s";
    }
    if (seconds % 3600 != 0) {
      return seconds / 60 + "m";
    }
    return seconds % 86_400 == 0 ? seconds / 86_400 + "d" : seconds / 3600 + "h";
  }

  /** Writes a size in its largest whole unit, as {@link #bytes} reads it. */
  public static String of(long bytes) {
    String[] units = {"B", "KB", "MB", "GB"};
    int unit = 0;
    long number = bytes;
    while (unit < units.length - 1 && number != 0 && number % 1024 == 0) {
      number /= 1024;
      unit++;
    }
    return number + units[unit];
  }
}
