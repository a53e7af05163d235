package org.posthorn.smtp;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the parameters that say what a message is, whom alone it is for, and who may ask for it: SOLICIT, RRVS, MTRK, TRANSID. */
final class SenderSyntax {
  /** RFC 3339 §5.6 without fractions of a second (RFC 7293 §3.1). */
  private static final Pattern RRVS = Pattern.compile(
      "([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:Z|[+-][0-9]{2}:[0-9]{2}))(?:;([CR]))?");
  /** RFC 3885 §3.1: 160 bits in base64, without the sign that no parameter may hold. */
  private static final Pattern MTRK = Pattern.compile("([A-Za-z0-9+/]{27})(?::([0-9]{1,9}))?");
  /** RFC 3885 §3.2: a full host name, or a hash of a long one. */
  private static final Pattern UNIQUE_ID = Pattern
      .compile(".+@(?:[A-Za-z0-9-]+(?:\\.[A-Za-z0-9-]+)+|[A-Za-z0-9+/]{27}=?)");

  /** RFC 1845 §2 (4): no tspecials of RFC 1521 §4. */
  private static final Pattern TRANSID = Pattern.compile("<X+(?:\\.X+)*@X+(?:\\.X+)*>"
      .replace("X", "[A-Za-z0-9!#$%&'*+^_`{|}~-]"));
  private static final int MAX_TRANSID_CHARS = 80;

  private static final Reply BAD_SOLICIT = wrong("SOLICIT must be keywords with commas between them");
  private static final Reply BAD_RRVS = wrong("RRVS must be like 2014-04-03T23:01:00Z, with ;R or ;C behind it");
  private static final Reply BAD_MTRK = wrong("MTRK must be a SHA-1 in base64, with :seconds behind it");
  private static final Reply NO_UNIQUE_ID = wrong("MTRK needs ENVID=id@host.example");

  private static final Reply BAD_TRANSID = wrong("TRANSID must be like <id@host.example>, of at most 80 characters");

  private SenderSyntax() {}

  private static Reply wrong(String text) {
    return Reply.of(501, "5.5.4", text);
  }

  static List<String> solicitations(Map<String, String> given) {
    return given.containsKey("SOLICIT")
        ? Solicitation.parse(ParameterSyntax.take(given, "SOLICIT"))
            .orElseThrow(() -> new Cursor.SyntaxException(BAD_SOLICIT))
        : List.of();
  }

  static Optional<String> transactionId(Map<String, String> given) {
    if (!given.containsKey("TRANSID")) {
      return Optional.empty();
    }
    String value = ParameterSyntax.take(given, "TRANSID");
    ParameterSyntax.require(value.length() <= MAX_TRANSID_CHARS && TRANSID.matcher(value).matches(), BAD_TRANSID);
    return Optional.of(value);
  }

  static Optional<ValidSince> validSince(Map<String, String> given) {
    return given.containsKey("RRVS")
        ? Optional.of(validSince(ParameterSyntax.take(given, "RRVS"))
            .orElseThrow(() -> new Cursor.SyntaxException(BAD_RRVS)))
        : Optional.empty();
  }

  static Optional<ValidSince> validSince(String value) {
    Matcher matcher = RRVS.matcher(Ascii.toUpperCase(value));
    if (!matcher.matches()) {
      return Optional.empty();
    }
    try {
      return Optional.of(new ValidSince(OffsetDateTime.parse(matcher.group(1)).toInstant(),
          Optional.ofNullable(matcher.group(2)).map(SenderSyntax::without)));
    } catch (DateTimeException _) {
      return Optional.empty(); // the 30th of February
    }
  }

  private static ValidSince.Without without(String letter) {
    return letter.equals("C") ? ValidSince.Without.CONTINUE : ValidSince.Without.REJECT;
  }

  static Optional<Tracking> tracking(Map<String, String> given, Optional<String> envelopeId) {
    if (!given.containsKey("MTRK")) {
      return Optional.empty();
    }
    Matcher matcher = MTRK.matcher(ParameterSyntax.take(given, "MTRK"));
    ParameterSyntax.require(matcher.matches(), BAD_MTRK);
    ParameterSyntax.require(envelopeId.filter(id -> UNIQUE_ID.matcher(id).matches()).isPresent(), NO_UNIQUE_ID);
    return Optional.of(new Tracking(matcher.group(1),
        Optional.ofNullable(matcher.group(2)).map(seconds -> Duration.ofSeconds(Long.parseLong(seconds)))));
  }
}
