package org.posthorn.smtp;

import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/** Reads the parameters behind a path (RFC 5321 §4.1.2, {@code Mail-parameters} and {@code Rcpt-parameters}). */
final class ParameterSyntax {
  private static final Reply MALFORMED = Reply.of(501, "5.5.4", "Malformed parameter");
  private static final Reply REPEATED = Reply.of(501, "5.5.4", "A parameter is given twice");
  private static final int MAX_SIZE_DIGITS = 20; // RFC 1870 §3
  private static final int MAX_ENVELOPE_ID_CHARS = 100; // RFC 3461 §4.4

  private ParameterSyntax() {}

  static MailParameters mail(Cursor cursor) {
    Map<String, String> given = split(cursor);
    Optional<String> envelopeId = envelopeId(given);
    var parameters = new MailParameters(
        size(given), body(given), flag(given, "SMTPUTF8"), returnContent(given), envelopeId,
        options(given, envelopeId));
    requireNoOther(given);
    return parameters;
  }

  private static MailOptions options(Map<String, String> given, Optional<String> envelopeId) {
    return new MailOptions(TimingSyntax.deliverBy(given), TimingSyntax.release(given), TimingSyntax.priority(given),
        flag(given, "REQUIRETLS"),
        SenderSyntax.solicitations(given), SenderSyntax.tracking(given, envelopeId), submitter(given),
        SenderSyntax.transactionId(given));
  }

  static RcptParameters rcpt(Cursor cursor) {
    Map<String, String> given = split(cursor);
    var parameters = new RcptParameters(notifyOn(given), original(given), SenderSyntax.validSince(given));
    requireNoOther(given);
    return parameters;
  }

  /** Returns upper-case keywords with their values; an empty value is a keyword without one. */
  private static Map<String, String> split(Cursor cursor) {
    Map<String, String> given = new LinkedHashMap<>();
    while (!cursor.isAtEnd()) {
      require(cursor.takeSpaces(), MALFORMED);
      String keyword = cursor.takeWhile(c -> Ascii.isLetter(c) || Ascii.isDigit(c) || c == '-');
      require(!keyword.isEmpty() && keyword.charAt(0) != '-', MALFORMED);
      String value = "";
      if (cursor.take('=')) {
        value = cursor.takeWhile(c -> c > ' ' && c != '=' && c != 127);
        require(!value.isEmpty(), MALFORMED);
      }
      require(given.put(Ascii.toUpperCase(keyword), value) == null, REPEATED);
    }
    return given;
  }

  private static OptionalLong size(Map<String, String> given) {
    if (!given.containsKey("SIZE")) {
      return OptionalLong.empty();
    }
    String digits = take(given, "SIZE");
    return OptionalLong.of(decimal(digits, MAX_SIZE_DIGITS)
        .orElseThrow(() -> new Cursor.SyntaxException(Reply.of(501, "5.5.4", "SIZE must be a number of octets"))));
  }

  /** Reads a number of at most {@code maxDigits} digits; what no long can hold becomes the largest long. */
  static Optional<Long> decimal(String digits, int maxDigits) {
    if (digits.isEmpty() || digits.length() > maxDigits || !digits.chars().allMatch(c -> Ascii.isDigit((char) c))) {
      return Optional.empty();
    }
    long value = 0;
    for (int i = 0; i < digits.length(); i++) {
      int digit = digits.charAt(i) - '0';
      if (value > (Long.MAX_VALUE - digit) / 10) {
        return Optional.of(Long.MAX_VALUE);
      }
      value = value * 10 + digit;
    }
    return Optional.of(value);
  }

  private static BodyType body(Map<String, String> given) {
    if (!given.containsKey("BODY")) {
      return BodyType.SEVEN_BIT;
    }
    String keyword = Ascii.toUpperCase(take(given, "BODY"));
    for (BodyType type : BodyType.values()) {
      if (type.keyword().equals(keyword)) {
        return type;
      }
    }
    throw new Cursor.SyntaxException(Reply.of(501, "5.5.4", "BODY must be 7BIT, 8BITMIME or BINARYMIME"));
  }

  private static boolean flag(Map<String, String> given, String keyword) {
    if (!given.containsKey(keyword)) {
      return false;
    }
    require(take(given, keyword).isEmpty(), Reply.of(501, "5.5.4", keyword + " takes no value"));
    return true;
  }

  private static Optional<ReturnContent> returnContent(Map<String, String> given) {
    if (!given.containsKey("RET")) {
      return Optional.empty();
    }
    return Optional.of(switch (Ascii.toUpperCase(take(given, "RET"))) {
      case "FULL" -> ReturnContent.FULL;
      case "HDRS" -> ReturnContent.HDRS;
      default -> throw new Cursor.SyntaxException(Reply.of(501, "5.5.4", "RET must be FULL or HDRS"));
    });
  }

  private static Optional<String> envelopeId(Map<String, String> given) {
    if (!given.containsKey("ENVID")) {
      return Optional.empty();
    }
    Optional<String> decoded = Optional.of(take(given, "ENVID"))
        .filter(value -> !value.isEmpty() && value.length() <= MAX_ENVELOPE_ID_CHARS)
        .flatMap(Xtext::decode);
    require(decoded.isPresent(), Reply.of(501, "5.5.4", "ENVID must be xtext of at most 100 characters"));
    return decoded;
  }

  /** Returns who first submitted the message; empty for {@code <>}, which is not known (RFC 4954 §5). */
  private static Optional<Mailbox> submitter(Map<String, String> given) {
    if (!given.containsKey("AUTH")) {
      return Optional.empty();
    }
    String value = take(given, "AUTH");
    Optional<Mailbox> submitter = Xtext.decode(value).flatMap(Mailbox::parse);
    require(value.equals("<>") || submitter.isPresent(),
        Reply.of(501, "5.5.4", "AUTH must be <> or an address in xtext"));
    return submitter;
  }

  private static Optional<NotifyOn> notifyOn(Map<String, String> given) {
    if (!given.containsKey("NOTIFY")) {
      return Optional.empty();
    }
    String value = Ascii.toUpperCase(take(given, "NOTIFY"));
    if (value.equals("NEVER")) {
      return Optional.of(NotifyOn.NEVER);
    }
    Set<NotifyOn.Condition> conditions = EnumSet.noneOf(NotifyOn.Condition.class);
    for (String word : value.split(",", -1)) {
      conditions.add(switch (word) {
        case "SUCCESS" -> NotifyOn.Condition.SUCCESS;
        case "FAILURE" -> NotifyOn.Condition.FAILURE;
        case "DELAY" -> NotifyOn.Condition.DELAY;
        default -> throw new Cursor.SyntaxException(
            Reply.of(501, "5.5.4", "NOTIFY must be NEVER or some of SUCCESS,FAILURE,DELAY"));
      });
    }
    return Optional.of(new NotifyOn(conditions));
  }

  private static Optional<OriginalRecipient> original(Map<String, String> given) {
    if (!given.containsKey("ORCPT")) {
      return Optional.empty();
    }
    Optional<OriginalRecipient> original = OriginalRecipient.parse(take(given, "ORCPT"));
    require(original.isPresent(), Reply.of(501, "5.5.4", "ORCPT must be an address type and an xtext address"));
    return original;
  }

  static String take(Map<String, String> given, String keyword) {
    return Optional.ofNullable(given.remove(keyword)).orElse("");
  }

  private static void requireNoOther(Map<String, String> given) {
    require(given.isEmpty(),
        Reply.of(555, "5.5.4", "Unknown parameter " + given.keySet().stream().findFirst().orElse("")));
  }

  static void require(boolean isRight, Reply otherwise) {
    if (!isRight) {
      throw new Cursor.SyntaxException(otherwise);
    }
  }
}
