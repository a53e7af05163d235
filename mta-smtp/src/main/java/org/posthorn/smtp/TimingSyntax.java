package org.posthorn.smtp;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the parameters of MAIL that say when a message is to go, and before which others. */
final class TimingSyntax {
  /** RFC 2852 §4. */
  private static final Pattern BY = Pattern.compile("([+-]?[0-9]{1,9});([NR])(T?)", Pattern.CASE_INSENSITIVE);
  /** RFC 4865 §3 (2): from 1 to 999,999,999 s, without leading zeros. */
  private static final Pattern INTERVAL = Pattern.compile("[1-9][0-9]{0,8}");
  /** RFC 3339 §5.6, in UTC as RFC 4865 §3 (4) wants it. */
  private static final Pattern UTC = Pattern
      .compile("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,9})?Z");

  private static final Reply BAD_BY = wrong("5.5.4",
      "BY must be seconds;N or seconds;R, with a T behind it for a trace");
  private static final Reply TOO_LATE = wrong("5.5.4", "BY with R must be a time to come");
  private static final Reply BAD_HOLDFOR = wrong("5.5.4", "HOLDFOR must be from 1 to 999999999 seconds");
  private static final Reply BAD_HOLDUNTIL = wrong("5.5.4", "HOLDUNTIL must be like 2030-12-24T18:00:00Z");
  private static final Reply TWO_HOLDS = wrong("5.5.4", "HOLDFOR and HOLDUNTIL exclude each other");
  private static final Reply BAD_PRIORITY = wrong("5.5.2", "MT-PRIORITY must be from -9 to 9"); // RFC 6710 §4.1 (1)

  private TimingSyntax() {}

  private static Reply wrong(String status, String text) {
    return Reply.of(501, status, text);
  }

  static Optional<DeliverBy> deliverBy(Map<String, String> given) {
    if (!given.containsKey("BY")) {
      return Optional.empty();
    }
    Matcher by = matching(BY, ParameterSyntax.take(given, "BY"), BAD_BY);
    long seconds = Long.parseLong(by.group(1));
    var mode = by.group(2).equalsIgnoreCase("R") ? DeliverBy.Mode.RETURN : DeliverBy.Mode.NOTIFY;
    ParameterSyntax.require(mode == DeliverBy.Mode.NOTIFY || seconds > 0, TOO_LATE); // RFC 2852 §4
    return Optional.of(new DeliverBy(seconds, mode, !by.group(3).isEmpty()));
  }

  static Optional<FutureRelease> release(Map<String, String> given) {
    boolean hasTime = given.containsKey("HOLDUNTIL");
    if (!given.containsKey("HOLDFOR")) {
      return hasTime ? Optional.of(until(ParameterSyntax.take(given, "HOLDUNTIL"))) : Optional.empty();
    }
    ParameterSyntax.require(!hasTime, TWO_HOLDS); // RFC 4865 §4.2 (9)
    Matcher interval = matching(INTERVAL, ParameterSyntax.take(given, "HOLDFOR"), BAD_HOLDFOR);
    return Optional.of(new FutureRelease.HoldFor(Duration.ofSeconds(Long.parseLong(interval.group()))));
  }

  private static FutureRelease until(String value) {
    Matcher time = matching(UTC, Ascii.toUpperCase(value), BAD_HOLDUNTIL);
    try {
      return new FutureRelease.HoldUntil(Instant.parse(time.group()));
    } catch (DateTimeException _) {
      throw new Cursor.SyntaxException(BAD_HOLDUNTIL);
    }
  }

  static Optional<Priority> priority(Map<String, String> given) {
    if (!given.containsKey("MT-PRIORITY")) {
      return Optional.empty();
    }
    Optional<Priority> priority = Priority.parse(ParameterSyntax.take(given, "MT-PRIORITY"));
    ParameterSyntax.require(priority.isPresent(), BAD_PRIORITY);
    return priority;
  }

  private static Matcher matching(Pattern form, String value, Reply otherwise) {
    Matcher matcher = form.matcher(value);
    ParameterSyntax.require(matcher.matches(), otherwise);
    return matcher;
  }
}
