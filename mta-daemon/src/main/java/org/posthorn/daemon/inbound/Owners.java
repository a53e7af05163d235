package org.posthorn.daemon.inbound;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.posthorn.smtp.Domain;
import org.posthorn.smtp.Printable;
import org.posthorn.smtp.Solicitation;

/**
 * Since when the addresses here have belonged to whom they belong to, and which solicitations these do not want: a file with a
 * line for each, {@code alice@example.org since=2019-04-01 no-soliciting=net.example:ADV}. A name without a domain is one
 * in every local domain; {@code @example.org} is the domain, and {@code *} says what is so of all that have no line.
 * Immutable.
 */
public final class Owners {
  /** Nothing is known of anybody. */
  public static final Owners NONE = new Owners(Map.of());

  private static final String ANYBODY = "*";

  /**
   * What is known of one address or domain.
   *
   * @param since since when its owner has had it, at the latest
   * @param unwanted which solicitations it does not want (RFC 3865)
   */
  record Owner(Optional<Instant> since, List<String> unwanted) {
    private static final Owner UNKNOWN = new Owner(Optional.empty(), List.of());

    Owner {
      unwanted = List.copyOf(unwanted);
    }
  }

  private final Map<String, Owner> owners;

  private Owners(Map<String, Owner> owners) {
    this.owners = Map.copyOf(owners);
  }

  /** Reads {@code file}; throws IllegalArgumentException with file, line and reason when a line is wrong. */
  public static Owners read(Path file) throws IOException {
    return parse(Files.readString(file), file.toString());
  }

  /** Reads {@code text}; {@code source} names it in messages. */
  public static Owners parse(String text, String source) {
    var owners = new HashMap<String, Owner>();
    int number = 0;
    for (var line : text.split("\r?\n", -1)) {
      number++;
      if (!line.isBlank() && !line.stripLeading().startsWith("#")) {
        var words = List.of(line.strip().split("\\s+"));
        try {
          Require.that(owners.putIfAbsent(name(words.getFirst()), owner(words.subList(1, words.size()))) == null,
              "a second line for " + Printable.of(words.getFirst()));
        } catch (IllegalArgumentException e) {
          throw new IllegalArgumentException(source + ":" + number + ": " + e.getMessage(), e);
        }
      }
    }
    return new Owners(owners);
  }

  private static String name(String text) {
    int at = text.lastIndexOf('@');
    return at < 0 ? text.toLowerCase(Locale.ROOT) : key(text.substring(0, at), Domain.of(text.substring(at + 1)));
  }

  private static String key(String localPart, Domain domain) {
    return localPart.toLowerCase(Locale.ROOT) + "@" + domain;
  }

  private static Owner owner(List<String> words) {
    var since = Optional.<Instant>empty();
    var unwanted = List.<String>of();
    for (var word : words) {
      int equals = word.indexOf('=');
      var value = word.substring(equals + 1);
      switch (word.substring(0, Math.max(equals, 0))) {
        case "since" -> since = Optional.of(time(value));
        case "no-soliciting" -> unwanted = Solicitation.parse(value)
            .orElseThrow(() -> new IllegalArgumentException("not solicitation keywords: " + Printable.of(value)));
        default -> throw new IllegalArgumentException(
            "not since=… or no-soliciting=…: " + Printable.of(word));
      }
    }
    return new Owner(since, unwanted);
  }

  private static Instant time(String text) {
    try {
      return text.length() == 10
          ? LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant()
          : OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeException _) {
      throw new IllegalArgumentException(
          "not a time such as 2019-04-01 or 2019-04-01T08:00:00Z: " + Printable.of(text));
    }
  }

  /** Returns since when {@code localPart} in {@code domain} has had its owner at the latest; empty when nobody knows. */
  Optional<Instant> since(String localPart, Domain domain) {
    return find(localPart, domain).flatMap(Owner::since).or(() -> domain(ANYBODY).since());
  }

  /** Returns since when {@code domain} has been ours, if that is known. */
  Optional<Instant> since(Domain domain) {
    return domain(key("", domain)).since();
  }

  /** Returns which solicitations {@code localPart} in {@code domain} does not want. */
  List<String> unwanted(String localPart, Domain domain) {
    return find(localPart, domain)
        .or(() -> Optional.ofNullable(owners.get(key("", domain))))
        .orElseGet(() -> domain(ANYBODY))
        .unwanted();
  }

  private Optional<Owner> find(String localPart, Domain domain) {
    return Optional.ofNullable(owners.get(key(localPart, domain)))
        .or(() -> Optional.ofNullable(owners.get(localPart.toLowerCase(Locale.ROOT))));
  }

  private Owner domain(String key) {
    return owners.getOrDefault(key, Owner.UNKNOWN);
  }
}
