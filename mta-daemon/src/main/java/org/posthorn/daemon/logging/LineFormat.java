package org.posthorn.daemon.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import java.util.Locale;
import java.util.Optional;

/** Writes an event as one line. Safe for use by many threads. */
interface LineFormat {
  /** The longest stack trace that is logged, in characters. */
  int MAX_STACK = 8000;

  /** Returns the event as one line without its end; no control character is left in it. */
  String format(ILoggingEvent event);

  /** Returns the level as both formats write it. */
  static String level(ILoggingEvent event) {
    return event.getLevel().toString().toLowerCase(Locale.ROOT);
  }

  /** Returns the stack trace of the event with its causes, if it has one. */
  static Optional<String> stack(ILoggingEvent event) {
    return Optional.ofNullable(event.getThrowableProxy())
        .map(ThrowableProxyUtil::asString)
        .map(String::stripTrailing)
        .map(text -> text.length() > MAX_STACK ? text.substring(0, MAX_STACK) + "…" : text);
  }

  /** Returns the priority of the event as syslog counts them, 3 to 7. */
  static int priority(ILoggingEvent event) {
    return switch (event.getLevel().toInt()) {
      case Level.ERROR_INT -> 3;
      case Level.WARN_INT -> 4;
      case Level.INFO_INT -> 6;
      default -> 7;
    };
  }
}
