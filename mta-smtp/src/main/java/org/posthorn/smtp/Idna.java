package org.posthorn.smtp;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Internationalised domain names by UTS #46, nontransitional, which is what browsers and mail programs agree on:
 * sharp s stays sharp s. The bidi rule (RFC 5893) and the rules for joiners (RFC 5892 appendix A) are checked.
 */
final class Idna {
  private static final String PREFIX = "xn--";
  private static final int MAX_CHARS = 1000; // no name of 253 octets comes from a longer text
  private static final int MAX_LABEL_CHARS = 252; // in UTF-16, before it is known to fit 63 octets

  private Idna() {}

  /** Returns {@code name} in lower case with its U-labels made A-labels; empty when it is no name. */
  static Optional<String> toAscii(String name) {
    if (name.length() > MAX_CHARS) {
      return Optional.empty();
    }
    return map(name).flatMap(Idna::encodeLabels);
  }

  /** Returns what {@code label} says, if it is an A-label that says something; else as it is. Nothing is checked. */
  static String decoded(String label) {
    return label.startsWith(PREFIX) ? Punycode.decode(label.substring(PREFIX.length())).orElse(label) : label;
  }

  /** UTS #46 §4, steps 1 and 2. */
  private static Optional<String> map(String name) {
    var mapped = new StringBuilder(name.length());
    for (int i = 0; i < name.length(); i += Character.charCount(name.codePointAt(i))) {
      int c = name.codePointAt(i);
      if (c < 128) {
        mapped.append(Ascii.toLowerCase(Character.toString(c)));
      } else if (!IdnaTable.map(c, mapped)) {
        return Optional.empty();
      }
    }
    return Optional.of(Normalizer.normalize(mapped, Normalizer.Form.NFC));
  }

  /** UTS #46 §4, steps 3 and 4. */
  private static Optional<String> encodeLabels(String name) {
    List<String> ascii = new ArrayList<>();
    List<String> unicode = new ArrayList<>();
    for (String label : name.split("\\.", -1)) {
      boolean encoded = label.startsWith(PREFIX);
      Optional<String> decoded = encoded ? decode(label) : Optional.of(label);
      Optional<String> wire = encoded || Ascii.isAscii(label)
          ? Optional.of(label)
          : Optional.of(label).filter(Idna::isLabel).flatMap(Punycode::encode).map(PREFIX::concat);
      if (wire.isEmpty() || decoded.isEmpty()) {
        return Optional.empty();
      }
      ascii.add(wire.get());
      unicode.add(decoded.get());
    }
    return BidiRule.holds(unicode) ? Optional.of(String.join(".", ascii)) : Optional.empty();
  }

  /** Only beside U-labels are A-labels looked into: a name in ASCII is a name in the DNS, whatever it stands for. */
  private static Optional<String> decode(String label) {
    return Punycode.decode(label.substring(PREFIX.length()))
        .filter(decoded -> !Ascii.isAscii(decoded) && isLabel(decoded));
  }

  /** Whether {@code label} is what UTS #46 §4.1 calls valid. */
  private static boolean isLabel(String label) {
    return label.length() <= MAX_LABEL_CHARS
        && !label.startsWith("--", Math.min(2, label.length()))
        && !label.startsWith("-") && !label.endsWith("-")
        && Normalizer.isNormalized(label, Normalizer.Form.NFC)
        && !label.isEmpty() && !isMark(label.codePointAt(0))
        && label.codePoints().allMatch(Idna::isLabelCharacter)
        && JoinerRule.holds(label.codePoints().toArray());
  }

  private static boolean isLabelCharacter(int c) {
    if (c < 128) {
      return (c >= 'a' && c <= 'z') || Ascii.isDigit((char) c) || c == '-';
    }
    return IdnaTable.isValid(c);
  }

  private static boolean isMark(int c) {
    int type = Character.getType(c);
    return type == Character.NON_SPACING_MARK || type == Character.COMBINING_SPACING_MARK
        || type == Character.ENCLOSING_MARK;
  }
}
