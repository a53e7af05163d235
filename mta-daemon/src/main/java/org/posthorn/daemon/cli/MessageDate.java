package org.posthorn.daemon.cli;

import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** The date of a message (RFC 5322 §3.3). */
final class MessageDate {
  private static final DateTimeFormatter FORMAT = DateTimeFormatter.ofPattern("EEE, d MMM yyyy HH:mm:ss Z",
      Locale.ROOT);

  private MessageDate() {}

  /** Returns {@code instant} in the time zone of this machine. */
  static String of(Instant instant) {
    return FORMAT.format(instant.atZone(ZoneId.systemDefault()));
  }
}
