package org.posthorn.smtp;

import java.util.Optional;

/** The grammar of paths and mailboxes (RFC 5321 §4.1.2, with UTF-8 by RFC 6531 §3.3). Empty results: a syntax error. */
final class AddressSyntax {
  private static final String ATOM_SPECIALS = "!#$%&'*+-/=?^_`{|}~";

  private AddressSyntax() {}

  /** Reads a mailbox that makes up the whole text. */
  static Optional<Mailbox> mailbox(String text) {
    if (!Ascii.isClean(text)) {
      return Optional.empty();
    }
    var cursor = new Cursor(text);
    return mailbox(cursor).filter(_ -> cursor.isAtEnd());
  }

  /** Reads what follows {@code MAIL FROM:}. */
  static Optional<ReversePath> reversePath(Cursor cursor) {
    cursor.takeSpaces(); // RFC 5321 §3.3 forbids them here; many devices send one
    boolean bracketed = cursor.take('<');
    if (bracketed && cursor.take('>')) {
      return Optional.of(ReversePath.NULL);
    }
    return path(cursor, bracketed).map(ReversePath::of);
  }

  /** Reads what follows {@code RCPT TO:}. */
  static Optional<ForwardPath> forwardPath(Cursor cursor) {
    cursor.takeSpaces();
    boolean bracketed = cursor.take('<');
    if (isBarePostmaster(cursor, bracketed)) {
      return Optional.of(new ForwardPath.Postmaster());
    }
    return path(cursor, bracketed).map(ForwardPath.To::new);
  }

  private static boolean isBarePostmaster(Cursor cursor, boolean bracketed) {
    if (bracketed) {
      return cursor.takeKeyword("POSTMASTER>");
    }
    return cursor.takeKeyword("POSTMASTER") && (cursor.isAtEnd() || cursor.isAt(' '));
  }

  /** Without brackets, which is what printers and scripts send, the path ends at a space. */
  private static Optional<Mailbox> path(Cursor cursor, boolean bracketed) {
    if (bracketed && cursor.isAt('@') && !takeSourceRoute(cursor)) {
      return Optional.empty();
    }
    return mailbox(cursor).filter(_ -> bracketed ? cursor.take('>') : cursor.isAtEnd() || cursor.isAt(' '));
  }

  /** Passes {@code @one,@two:}, which must be accepted and ignored (RFC 5321 §4.1.1.3, appendix C). */
  private static boolean takeSourceRoute(Cursor cursor) {
    do {
      if (!cursor.take('@') || Domain.parse(cursor.takeWhile(c -> c != ',' && c != ':' && c != '>')).isEmpty()) {
        return false;
      }
    } while (cursor.take(','));
    return cursor.take(':');
  }

  private static Optional<Mailbox> mailbox(Cursor cursor) {
    Optional<String> localPart = cursor.isAt('"') ? quotedString(cursor) : dotString(cursor);
    return localPart
        .filter(Mailbox::isLocalPart)
        .filter(_ -> cursor.take('@'))
        .flatMap(local -> host(cursor).map(host -> new Mailbox(local, host)))
        .filter(AddressSyntax::isShortEnough);
  }

  private static boolean isShortEnough(Mailbox mailbox) {
    int allQuoted = 2 * Ascii.utf8Length(mailbox.localPart()) + 2;
    int longest = allQuoted + 1 + mailbox.host().toString().length();
    return longest <= Mailbox.MAX_OCTETS || Ascii.utf8Length(mailbox.toString()) <= Mailbox.MAX_OCTETS;
  }

  private static Optional<String> dotString(Cursor cursor) {
    var local = new StringBuilder();
    do {
      String atom = cursor.takeWhile(AddressSyntax::isAtomText);
      if (atom.isEmpty()) {
        return Optional.empty();
      }
      local.append(local.isEmpty() ? "" : ".").append(atom);
    } while (cursor.take('.'));
    return Optional.of(local.toString());
  }

  private static Optional<String> quotedString(Cursor cursor) {
    var local = new StringBuilder();
    cursor.take('"');
    while (!cursor.take('"')) {
      boolean quotedPair = cursor.take('\\');
      if (cursor.isAtEnd()) {
        return Optional.empty();
      }
      char c = cursor.take();
      if (c < ' ' || c == 127 || (quotedPair && c > 127)) { // qtextSMTP, quoted-pairSMTP
        return Optional.empty();
      }
      local.append(c);
    }
    return Optional.of(local.toString());
  }

  private static Optional<MailHost> host(Cursor cursor) {
    if (cursor.isAt('[')) {
      String literal = cursor.takeWhile(c -> c != ']' && c != ' ');
      return cursor.take(']') ? AddressLiteral.parse(literal + "]").map(l -> l) : Optional.empty();
    }
    return Domain.parse(cursor.takeWhile(c -> c != '>' && c != ' ')).map(d -> d);
  }

  /** Whether {@code localPart} can stand without quotes: a dot-string (RFC 5321 §4.1.2). */
  static boolean isDotString(String localPart) {
    var cursor = new Cursor(localPart);
    return dotString(cursor).isPresent() && cursor.isAtEnd();
  }

  private static boolean isAtomText(char c) {
    return Ascii.isLetter(c) || Ascii.isDigit(c) || c > 127 || ATOM_SPECIALS.indexOf(c) >= 0;
  }
}
