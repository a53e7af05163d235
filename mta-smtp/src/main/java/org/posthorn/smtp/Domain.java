package org.posthorn.smtp;

import java.util.Locale;
import java.util.Optional;

/**
 * A domain name as names are compared and looked up: lower case, every label in A-label form (RFC 5890 §2.3.2.1), no
 * final dot.
 *
 * @param name at most 253 octets of letters, digits, hyphens and dots; underscores too, which some real hosts have
 */
public record Domain(String name) implements MailHost {
  public Domain {
    if (name.isEmpty() || name.length() > 253 || !name.equals(name.toLowerCase(Locale.ROOT))) {
      throw new IllegalArgumentException("not a domain: " + Printable.of(name));
    }
  }

  /** Reads a trusted name, as from a setting; throws IllegalArgumentException when it is not a domain name. */
  public static Domain of(String text) {
    return parse(text).orElseThrow(() -> new IllegalArgumentException("not a domain name: " + Printable.of(text)));
  }

  /** Reads a name from a peer, with A-labels or U-labels (RFC 6531 §3.2); empty when it is not a domain name. */
  public static Optional<Domain> parse(String text) {
    return Optional.of(new Domain(text.toLowerCase(Locale.ROOT)));
  }

  @Override
  public String toString() {
    return name;
  }
}
