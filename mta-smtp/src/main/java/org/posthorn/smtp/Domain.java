package org.posthorn.smtp;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A domain name as names are compared and looked up: lower case, every label in A-label form (RFC 5890 §2.3.2.1), no
 * final dot.
 *
 * @param name at most 253 octets of letters, digits, hyphens and dots; underscores too, which some real hosts have
 */
public record Domain(String name) implements MailHost {
  private static final int MAX_OCTETS = 253; // RFC 1035 §3.1 allows 255 with the length octets
  private static final int MAX_LABEL_OCTETS = 63;

  public Domain {
    if (!isName(name)) {
      throw new IllegalArgumentException("not a domain: " + Printable.of(name));
    }
  }

  /** Reads a trusted name, as from a setting; throws IllegalArgumentException when it is not a domain name. */
  public static Domain of(String text) {
    return parse(text).orElseThrow(() -> new IllegalArgumentException("not a domain name: " + Printable.of(text)));
  }

  /** Reads a name from a peer, with A-labels or U-labels (RFC 6531 §3.2); empty when it is not a domain name. */
  public static Optional<Domain> parse(String text) {
    Optional<String> name = Ascii.isAscii(text) ? Optional.of(Ascii.toLowerCase(text)) : Idna.toAscii(text);
    return name.filter(Domain::isName).map(Domain::new);
  }

  /** Returns the name for people to read, with U-labels; as it is when those would not lead back to it. */
  public String toUnicode() {
    String shown = Arrays.stream(name.split("\\.", -1)).map(Idna::decoded).collect(Collectors.joining("."));
    return parse(shown).equals(Optional.of(this)) ? shown : name;
  }

  @Override
  public String toString() {
    return name;
  }

  private static boolean isName(String name) {
    if (name.isEmpty() || name.length() > MAX_OCTETS) {
      return false;
    }
    int start = 0;
    for (int dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', start)) {
      if (!isLabel(name, start, dot)) {
        return false;
      }
      start = dot + 1;
    }
    return isLabel(name, start, name.length());
  }

  private static boolean isLabel(String name, int start, int end) {
    if (end == start || end - start > MAX_LABEL_OCTETS || name.charAt(start) == '-' || name.charAt(end - 1) == '-') {
      return false;
    }
    for (int i = start; i < end; i++) {
      char c = name.charAt(i);
      if (!(c >= 'a' && c <= 'z') && !Ascii.isDigit(c) && c != '-' && c != '_') {
        return false;
      }
    }
    return true;
  }
}
