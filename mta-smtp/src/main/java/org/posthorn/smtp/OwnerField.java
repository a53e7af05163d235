package org.posthorn.smtp;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;

/**
 * The header field that asks what RRVS asks, where no RRVS is spoken: whoever owns {@code mailbox} now must have owned it at
 * {@code time} (RFC 7293 §3.2).
 */
public record OwnerField(Mailbox mailbox, Instant time) {
  /** Its name, in lower case. */
  public static final String NAME = "require-recipient-valid-since";
  private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern("EEE, d MMM yyyy HH:mm:ss xx",
      Locale.ENGLISH);

  /** Reads what stands behind the colon, unfolded; empty when it is malformed. */
  public static Optional<OwnerField> parse(String value) {
    int semicolon = value.lastIndexOf(';');
    return semicolon < 0
        ? Optional.empty()
        : Mailbox.parse(value.substring(0, semicolon).strip())
            .flatMap(mailbox -> time(value.substring(semicolon + 1).strip())
                .map(time -> new OwnerField(mailbox, time)));
  }

  private static Optional<Instant> time(String text) {
    try {
      return Optional.of(ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant());
    } catch (DateTimeException _) {
      return Optional.empty();
    }
  }

  /** Returns the field, folded, with its line end. */
  public String text() {
    return "Require-Recipient-Valid-Since: " + mailbox + ";\r\n\t" + DATE.format(time.atOffset(ZoneOffset.UTC))
        + "\r\n";
  }
}
