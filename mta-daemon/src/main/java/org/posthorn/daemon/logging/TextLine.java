package org.posthorn.daemon.logging;

import ch.qos.logback.classic.spi.ILoggingEvent;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/**
 * {@code 2026-11-22T07:46:35.123Z info delivery id=… to=… status=sent text="250 2.0.0 ok"}: time in UTC, level, event,
 * then its keys. A value is quoted when it is empty or holds a space, a quotation mark, a backslash or an equals sign.
 */
final class TextLine implements LineFormat {
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
      .withZone(ZoneOffset.UTC);
  private static final char[] HEX = "0123456789abcdef".toCharArray();

  /** Who reads the lines. */
  enum Reader {
    /** A file or a person: the line begins with its time. */
    ANYONE,
    /** The systemd journal, which knows the time and takes the priority from a prefix (sd-daemon(3)). */
    JOURNAL
  }

  private final Reader reader;

  TextLine(Reader reader) {
    this.reader = reader;
  }

  @Override
  public String format(ILoggingEvent event) {
    var line = new StringBuilder(200);
    switch (reader) {
      case ANYONE -> TIME.formatTo(event.getInstant(), line);
      case JOURNAL -> line.append('<').append(LineFormat.priority(event)).append('>');
    }
    if (reader == Reader.ANYONE) {
      line.append(' ').append(LineFormat.level(event)).append(' ');
    }
    appendEscaped(line, String.valueOf(event.getFormattedMessage()));
    var pairs = event.getKeyValuePairs();
    if (pairs != null) {
      pairs.forEach(pair -> appendPair(line, pair.key, String.valueOf(pair.value)));
    }
    LineFormat.stack(event).ifPresent(stack -> {
      appendPair(line, "logger", event.getLoggerName());
      appendPair(line, "stack", stack);
    });
    return line.toString();
  }

  private static void appendPair(StringBuilder line, String key, String value) {
    line.append(' ').append(key).append('=');
    if (needsQuotes(value)) {
      line.append('"');
      appendEscaped(line, value);
      line.append('"');
    } else {
      appendEscaped(line, value);
    }
  }

  private static boolean needsQuotes(String value) {
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c <= ' ' || c == '"' || c == '\\' || c == '=') {
        return true;
      }
    }
    return value.isEmpty();
  }

  private static void appendEscaped(StringBuilder line, String text) {
    if (isPlain(text)) { // nearly always, and then it is a copy
      line.append(text);
      return;
    }
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '\n' -> line.append("\\n");
        case '\r' -> line.append("\\r");
        case '\t' -> line.append("\\t");
        case '"', '\\' -> line.append('\\').append(c);
        default -> {
          if (Character.isISOControl(c) || c == '\u2028' || c == '\u2029') {
            line.append("\\u")
                .append(HEX[c >> 12])
                .append(HEX[c >> 8 & 15])
                .append(HEX[c >> 4 & 15])
                .append(HEX[c & 15]);
          } else {
            line.append(c);
          }
        }
      }
    }
  }

  private static boolean isPlain(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < ' ' || c > '~' || c == '"' || c == '\\') {
        return false;
      }
    }
    return true;
  }
}
