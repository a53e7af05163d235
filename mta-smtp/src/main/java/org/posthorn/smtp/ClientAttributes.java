package org.posthorn.smtp;

import java.net.InetAddress;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What a server in front of us says of its client, by Postfix's commands XCLIENT and XFORWARD. Values are checked, harmless
 * in a header field, and empty where the other side says that it does not know.
 *
 * @param given what was said
 */
public record ClientAttributes(Map<Name, Optional<String>> given) {
  /** Nothing. */
  public static final ClientAttributes NONE = new ClientAttributes(Map.of());

  /** What can be said. */
  public enum Name {
    /** The client's name in the DNS. */
    NAME,
    /** Its address: IPv4, or IPv6 behind {@code IPV6:}. */
    ADDR,
    /** Its port. */
    PORT,
    /** What it speaks: SMTP or ESMTP. */
    PROTO,
    /** What it calls itself. */
    HELO,
    /** Who it has proved to be. */
    LOGIN,
    /** The address that it connected to. */
    DESTADDR,
    /** The port that it connected to. */
    DESTPORT,
    /** How the server in front of us calls the message. */
    IDENT,
    /** Where the message began: LOCAL or REMOTE. */
    SOURCE
  }

  private static final Set<Name> OF_XCLIENT = EnumSet.range(Name.NAME, Name.DESTPORT);
  private static final Set<Name> OF_XFORWARD = EnumSet.of(Name.NAME, Name.ADDR, Name.PORT, Name.PROTO, Name.HELO,
      Name.IDENT, Name.SOURCE);
  private static final int MAX_CHARS = 255;
  private static final Set<String> UNKNOWN = Set.of("[UNAVAILABLE]", "[TEMPUNAVAIL]");

  public ClientAttributes {
    given = Map.copyOf(given);
  }

  /** Returns the keyword by which EHLO announces XCLIENT, with what can be said. */
  public static String xclientKeyword() {
    return keyword("XCLIENT", OF_XCLIENT);
  }

  /** The same for XFORWARD. */
  public static String xforwardKeyword() {
    return keyword("XFORWARD", OF_XFORWARD);
  }

  /** Returns what is known of {@code name}. */
  public Optional<String> value(Name name) {
    return given.getOrDefault(name, Optional.empty());
  }

  /** Whether anything was said of {@code name}, if only that it is not known. */
  public boolean has(Name name) {
    return given.containsKey(name);
  }

  /** Returns the client's address, if it is known. */
  public Optional<InetAddress> address() {
    return value(Name.ADDR).flatMap(ClientAttributes::address);
  }

  /** Returns these, and what was said of the rest before. */
  public ClientAttributes after(ClientAttributes earlier) {
    var all = new EnumMap<Name, Optional<String>>(Name.class);
    all.putAll(earlier.given);
    all.putAll(given);
    return new ClientAttributes(all);
  }

  /** Reads those of XCLIENT. */
  static ClientAttributes xclient(Cursor cursor) {
    return read("XCLIENT", cursor, OF_XCLIENT);
  }

  /** Reads those of XFORWARD. */
  static ClientAttributes xforward(Cursor cursor) {
    return read("XFORWARD", cursor, OF_XFORWARD);
  }

  private static ClientAttributes read(String verb, Cursor cursor, Set<Name> allowed) {
    var given = new EnumMap<Name, Optional<String>>(Name.class);
    while (!cursor.isAtEnd()) {
      String keyword = Ascii.toUpperCase(cursor.takeWhile(Ascii::isLetter));
      Name name = Arrays.stream(Name.values())
          .filter(one -> allowed.contains(one) && one.name().equals(keyword))
          .findFirst()
          .orElseThrow(() -> wrong(verb, "unknown attribute"));
      if (!cursor.take('=')) {
        throw wrong(verb, "attribute=value");
      }
      Optional<String> value = value(name, cursor.takeWhile(c -> c != ' '))
          .orElseThrow(() -> wrong(verb, "bad value of " + name));
      if (given.put(name, value) != null) {
        throw wrong(verb, name + " is given twice");
      }
      cursor.takeSpaces();
    }
    if (given.isEmpty()) {
      throw wrong(verb, "attribute=value");
    }
    return new ClientAttributes(given);
  }

  /** Returns the value, empty within when it is not known; empty when it is none. */
  private static Optional<Optional<String>> value(Name name, String text) {
    if (UNKNOWN.contains(Ascii.toUpperCase(text))) {
      return Optional.of(Optional.empty());
    }
    Optional<String> read = Xtext.decode(text)
        .filter(value -> !value.isEmpty() && value.length() <= MAX_CHARS)
        .flatMap(value -> checked(name, value));
    return read.isPresent() ? Optional.of(read) : Optional.empty();
  }

  private static Optional<String> checked(Name name, String value) {
    return switch (name) {
      case NAME -> Domain.parse(value).map(Domain::name);
      case ADDR, DESTADDR -> address(value).map(_ -> value);
      case PORT, DESTPORT -> Optional.of(value).filter(ClientAttributes::isPort);
      case PROTO -> oneOf(value, "SMTP", "ESMTP");
      case SOURCE -> oneOf(value, "LOCAL", "REMOTE");
      case HELO -> Optional.of(CommandParser.harmless(value));
      case LOGIN, IDENT -> Optional.of(value);
    };
  }

  private static Optional<InetAddress> address(String text) {
    return AddressLiteral.parse("[" + text + "]").map(AddressLiteral::address);
  }

  private static boolean isPort(String text) {
    return text.matches("[0-9]{1,5}") && Integer.parseInt(text) <= 65_535;
  }

  private static Optional<String> oneOf(String text, String... words) {
    return Arrays.stream(words).filter(Ascii.toUpperCase(text)::equals).findFirst();
  }

  private static String keyword(String verb, Set<Name> names) {
    List<String> words = names.stream().map(Name::name).toList();
    return verb + words.stream().collect(Collectors.joining(" ", " ", ""));
  }

  private static Cursor.SyntaxException wrong(String verb, String what) {
    return new Cursor.SyntaxException(Reply.of(501, "5.5.4", "Syntax: " + verb + ": " + what));
  }
}
