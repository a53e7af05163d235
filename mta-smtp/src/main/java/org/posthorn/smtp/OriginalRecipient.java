package org.posthorn.smtp;

import java.util.Optional;

/**
 * The ORCPT parameter: the recipient as the sender wrote it (RFC 3461 §4.2, RFC 6533 §3).
 *
 * @param type the address type, {@code rfc822} or {@code utf-8}, as given
 * @param address the address, xtext and unitext already decoded, without control characters
 */
public record OriginalRecipient(String type, String address) {
  private static final String UTF_8 = "utf-8";
  private static final int MAX_CHARS = 500; // RFC 3461 §4.2

  public OriginalRecipient {
    if (!isAtom(type) || !Ascii.isClean(address) || (!isUtf8(type) && !Ascii.isAscii(address))) {
      throw new IllegalArgumentException("not an original recipient: " + Printable.of(type + ";" + address));
    }
  }

  /** Returns what a sender that gave no ORCPT would have written. */
  public static OriginalRecipient of(Mailbox mailbox) {
    return new OriginalRecipient(mailbox.needsSmtpUtf8() ? UTF_8 : "rfc822", mailbox.toString());
  }

  /** Reads the value behind {@code ORCPT=}; empty when it is malformed. */
  static Optional<OriginalRecipient> parse(String value) {
    int semicolon = value.indexOf(';');
    if (semicolon < 0 || !isAtom(value.substring(0, semicolon)) || value.length() > MAX_CHARS) {
      return Optional.empty();
    }
    String type = value.substring(0, semicolon);
    String encoded = value.substring(semicolon + 1);
    return (isUtf8(type) ? Xtext.decodeUtf8Address(encoded) : Xtext.decode(encoded))
        .filter(address -> !address.isEmpty())
        .map(address -> new OriginalRecipient(type, address))
        .filter(original -> original.toString().length() <= MAX_CHARS); // it must fit in ASCII too
  }

  /** Returns the value as it stands behind {@code ORCPT=}, in ASCII. */
  @Override
  public String toString() {
    return type + ";" + (isUtf8(type) ? Xtext.encodeUtf8Address(address) : Xtext.encode(address));
  }

  private static boolean isUtf8(String type) {
    return Ascii.toLowerCase(type).equals(UTF_8);
  }

  private static boolean isAtom(String type) {
    return !type.isEmpty()
        && type.chars().allMatch(c -> Ascii.isLetter((char) c) || Ascii.isDigit((char) c) || c == '-' || c == '_');
  }
}
