package org.posthorn.smtp;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The service extensions that a server offers in its answer to EHLO (RFC 5321 §4.1.1.1).
 *
 * @param keywords each keyword, in upper case, with its parameters as given
 */
public record Capabilities(Map<String, String> keywords) {
  /** An extension that is offered by its keyword alone, or whose parameters have a method of their own. */
  public enum Extension {
    /** Commands may be sent ahead (RFC 2920). */
    PIPELINING("PIPELINING"),
    /** The size may be announced (RFC 1870). */
    SIZE("SIZE"),
    /** Content may be 8-bit (RFC 6152). */
    EIGHT_BIT_MIME("8BITMIME"),
    /** Addresses and headers may be UTF-8 (RFC 6531). */
    SMTPUTF8("SMTPUTF8"),
    /** Reports may be asked for (RFC 3461). */
    DSN("DSN"),
    /** BDAT is understood (RFC 3030). */
    CHUNKING("CHUNKING"),
    /** Content need not be lines (RFC 3030 §3). */
    BINARYMIME("BINARYMIME"),
    /** How much may be sent (RFC 9422). */
    LIMITS("LIMITS"),
    /** Replies have enhanced status codes (RFC 2034). */
    ENHANCED_STATUS_CODES("ENHANCEDSTATUSCODES"),
    /** TLS can be started (RFC 3207). */
    STARTTLS("STARTTLS"),
    /** The server protects mail further on as its sender asks (RFC 8689). */
    REQUIRETLS("REQUIRETLS"),
    /** A time to deliver by may be given (RFC 2852). */
    DELIVERBY("DELIVERBY"),
    /** A priority may be given (RFC 6710). */
    MT_PRIORITY("MT-PRIORITY"),
    /** The client can authenticate (RFC 4954). */
    AUTH("AUTH"),
    /** Solicitations are named (RFC 3865). */
    NO_SOLICITING("NO-SOLICITING"),
    /** Owners of mailboxes are known (RFC 7293). */
    RRVS("RRVS"),
    /** Messages can be tracked (RFC 3885). */
    MTRK("MTRK");

    private final String keyword;

    Extension(String keyword) {
      this.keyword = keyword;
    }

    /** Returns the keyword as it stands in the answer to EHLO. */
    public String keyword() {
      return keyword;
    }
  }

  private static final Pattern LIMITS = Pattern
      .compile("[A-Za-z0-9_-]+(=[!-:<-~]+)?( +[A-Za-z0-9_-]+(=[!-:<-~]+)?)*+");
  private static final Pattern LIMIT_VALUE = Pattern.compile("[1-9][0-9]{0,5}");

  /** No extension at all: a server that only knows HELO. */
  public static final Capabilities NONE = new Capabilities(Map.of());

  public Capabilities {
    keywords = Map.copyOf(keywords);
  }

  /** Reads the answer to EHLO, whose first line is a greeting. Lines that are no extension are ignored. */
  public static Capabilities of(Reply reply) {
    Map<String, String> keywords = new LinkedHashMap<>();
    List<String> lines = reply.lines();
    for (String line : lines.subList(1, lines.size())) {
      var cursor = new Cursor(line);
      String keyword = Ascii.toUpperCase(cursor.takeWhile(c -> Ascii.isLetter(c) || Ascii.isDigit(c) || c == '-'));
      // "AUTH=PLAIN" is how servers of the 1990s announced it, and some still do beside the right form.
      if (!keyword.isEmpty()
          && (cursor.isAtEnd() || cursor.takeSpaces() || (keyword.equals("AUTH") && cursor.take('=')))) {
        keywords.merge(keyword, cursor.rest().strip(), (one, other) -> one + " " + other);
      }
    }
    return new Capabilities(keywords);
  }

  /** Whether the server offers {@code extension}. */
  public boolean has(Extension extension) {
    return keywords.containsKey(extension.keyword());
  }

  /**
   * Returns the largest message the server takes, in octets; empty when it does not say or has no limit (RFC 1870
   * §4).
   */
  public OptionalLong maxSize() {
    Optional<Long> size = Optional.ofNullable(keywords.get(Extension.SIZE.keyword()))
        .flatMap(digits -> ParameterSyntax.decimal(digits, 20))
        .filter(octets -> octets > 0);
    return size.isPresent() ? OptionalLong.of(size.get()) : OptionalLong.empty();
  }

  /**
   * Returns the shortest time, in seconds, within which the server takes mail to be returned otherwise; 0 when it does not say
   * (RFC 2852 §2).
   */
  public long leastDeliverBySeconds() {
    return Optional.ofNullable(keywords.get(Extension.DELIVERBY.keyword()))
        .map(options -> options.split(",", 2)[0])
        .flatMap(digits -> ParameterSyntax.decimal(digits, 9))
        .orElse(0L);
  }

  /** How much a session may hold (RFC 9422 §4): the value of {@code name}, such as RCPTMAX; empty when there is none. */
  public OptionalInt limit(String name) {
    String given = Optional.ofNullable(keywords.get(Extension.LIMITS.keyword())).orElse("");
    if (!LIMITS.matcher(given).matches()) {
      return OptionalInt.empty(); // §3: one that cannot be read is no LIMITS at all
    }
    for (String limit : given.split(" +", -1)) {
      int equals = limit.indexOf('=');
      if (equals > 0 && limit.substring(0, equals).equalsIgnoreCase(name)
          && LIMIT_VALUE.matcher(limit.substring(equals + 1)).matches()) {
        return OptionalInt.of(Integer.parseInt(limit.substring(equals + 1)));
      }
    }
    return OptionalInt.empty();
  }

  /** Returns the SASL mechanisms offered, in upper case and in the server's order. */
  public Set<String> authMechanisms() {
    Set<String> mechanisms = new LinkedHashSet<>();
    for (String name : Optional.ofNullable(keywords.get(Extension.AUTH.keyword())).orElse("").split(" ", -1)) {
      if (!name.isEmpty()) {
        mechanisms.add(Ascii.toUpperCase(name));
      }
    }
    return mechanisms;
  }
}
