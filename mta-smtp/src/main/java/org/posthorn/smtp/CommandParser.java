package org.posthorn.smtp;

import java.util.ArrayList;
import java.util.Optional;

/** Parses command lines (RFC 5321 §4.1.1). Bad input becomes {@link Command.Unusable}. */
public final class CommandParser {
  private static final int MAX_CLIENT_NAME_CHARS = 255; // RFC 5321 §4.5.3.1.2
  private static final int MAX_MECHANISM_CHARS = 20; // RFC 4422 §3.1
  private static final int MAX_CHUNK_DIGITS = 18; // fits a long; a larger chunk is none

  private static final Reply UNKNOWN = Reply.of(500, "5.5.2", "Unknown command");
  private static final Reply CONTROL = Reply.of(500, "5.5.2", "Control characters in a command");
  private static final Reply NOT_IMPLEMENTED = Reply.of(502, "5.5.1", "Command not implemented");
  private static final Reply BAD_SENDER = Reply.of(501, "5.1.7", "Bad sender address syntax");
  private static final Reply BAD_RECIPIENT = Reply.of(501, "5.1.3", "Bad recipient address syntax");
  private static final Reply NEEDS_SMTPUTF8 = Reply.of(553, "5.6.7", "This address needs SMTPUTF8");

  private CommandParser() {}

  /** Parses {@code line}, which excludes the final CRLF. Never throws. */
  public static Command parse(String line) {
    String text = withoutTrailingSpace(line);
    if (!Ascii.isClean(text)) {
      return new Command.Unusable(CONTROL);
    }
    int space = text.indexOf(' ');
    String verb = Ascii.toUpperCase(space < 0 ? text : text.substring(0, space));
    var arguments = new Cursor(space < 0 ? "" : text.substring(space + 1));
    arguments.takeSpaces();
    try {
      return parse(verb, arguments);
    } catch (Cursor.SyntaxException e) { // private to the parser, stackless, never leaves it
      return new Command.Unusable(e.reply());
    }
  }

  private static Command parse(String verb, Cursor arguments) {
    return switch (verb) {
      case "HELO" -> new Command.Helo(clientName(verb, arguments));
      case "EHLO" -> new Command.Ehlo(clientName(verb, arguments));
      case "LHLO" -> new Command.Lhlo(clientName(verb, arguments));
      case "MAIL" -> mail(arguments);
      case "RCPT" -> rcpt(arguments);
      case "DATA" -> bare(verb, arguments, new Command.Data());
      case "BDAT" -> bdat(arguments);
      case "BURL" -> burl(arguments);
      case "RSET" -> bare(verb, arguments, new Command.Rset());
      case "NOOP" -> new Command.Noop(); // RFC 5321 §4.1.1.9: any argument is ignored
      case "QUIT" -> bare(verb, arguments, new Command.Quit());
      case "VRFY" -> new Command.Vrfy(required(verb, arguments, "user"));
      case "EXPN" -> new Command.Expn(required(verb, arguments, "list"));
      case "AUTH" -> auth(arguments);
      case "STARTTLS" -> bare(verb, arguments, new Command.StartTls());
      case "ETRN" -> new Command.Etrn(QueueNode.read(arguments));
      case "ATRN" -> atrn(arguments);
      case "XCLIENT" -> new Command.Xclient(ClientAttributes.xclient(arguments));
      case "XFORWARD" -> new Command.Xforward(ClientAttributes.xforward(arguments));
      case "HELP" -> new Command.Help(Optional.of(arguments.rest()).filter(topic -> !topic.isEmpty()));
      case "SEND", "SOML", "SAML", "TURN" -> new Command.Unusable(NOT_IMPLEMENTED); // RFC 5321 appendix F
      default -> new Command.Unusable(UNKNOWN);
    };
  }

  /**
   * Returns the name a client gives itself. Machines have odd names, so almost anything will do (RFC 5321 §4.1.4
   * forbids refusing mail for it), but what could be mistaken for something else in a {@code Received:} field becomes
   * {@code ?}.
   */
  private static String clientName(String verb, Cursor arguments) {
    String name = required(verb, arguments, "hostname");
    if (name.length() > MAX_CLIENT_NAME_CHARS) {
      throw syntax(verb, "hostname");
    }
    return harmless(name);
  }

  /** Returns a client's name as it can stand in a field. */
  static String harmless(String name) {
    var harmless = new StringBuilder(name.length());
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      harmless.append(c > '~' || " <>()\\\";@".indexOf(c) >= 0 ? '?' : c);
    }
    return harmless.toString();
  }

  private static Command mail(Cursor arguments) {
    if (!arguments.takeKeyword("FROM:")) {
      throw syntax("MAIL", "FROM:<address>");
    }
    ReversePath from = AddressSyntax.reversePath(arguments)
        .orElseThrow(() -> new Cursor.SyntaxException(BAD_SENDER));
    MailParameters parameters = ParameterSyntax.mail(arguments);
    if (!parameters.smtpUtf8() && from.mailbox().filter(Mailbox::needsSmtpUtf8).isPresent()) {
      return new Command.Unusable(NEEDS_SMTPUTF8); // RFC 6531 §3.5
    }
    return new Command.Mail(from, parameters);
  }

  private static Command rcpt(Cursor arguments) {
    if (!arguments.takeKeyword("TO:")) {
      throw syntax("RCPT", "TO:<address>");
    }
    ForwardPath to = AddressSyntax.forwardPath(arguments)
        .orElseThrow(() -> new Cursor.SyntaxException(BAD_RECIPIENT));
    return new Command.Rcpt(to, ParameterSyntax.rcpt(arguments));
  }

  private static Command auth(Cursor arguments) {
    String mechanism = arguments.takeWhile(c -> Ascii.isLetter(c) || Ascii.isDigit(c) || c == '-' || c == '_');
    if (mechanism.isEmpty() || mechanism.length() > MAX_MECHANISM_CHARS) {
      throw syntax("AUTH", "mechanism [initial-response]");
    }
    if (arguments.isAtEnd()) {
      return new Command.Auth(Ascii.toUpperCase(mechanism), Optional.empty());
    }
    boolean isApart = arguments.takeSpaces();
    String response = arguments.rest();
    if (!isApart || response.indexOf(' ') >= 0) {
      throw syntax("AUTH", "mechanism [initial-response]");
    }
    return new Command.Auth(Ascii.toUpperCase(mechanism), Optional.of(response));
  }

  private static Command atrn(Cursor arguments) {
    var domains = new ArrayList<Domain>();
    for (String name : arguments.isAtEnd() ? new String[0] : arguments.rest().split(",", -1)) {
      domains.add(Domain.parse(name).orElseThrow(() -> syntax("ATRN", "[domain[,domain]]")));
    }
    return new Command.Atrn(domains);
  }

  private static Command bdat(Cursor arguments) {
    Optional<Long> octets = ParameterSyntax.decimal(arguments.takeWhile(Ascii::isDigit), MAX_CHUNK_DIGITS);
    boolean last = arguments.takeSpaces() && arguments.takeKeyword("LAST");
    if (octets.isEmpty() || !arguments.isAtEnd()) {
      return new Command.UnreadableChunk(Reply.of(501, "5.5.4", "Syntax: BDAT octets [LAST]"));
    }
    return new Command.Bdat(octets.get(), last);
  }

  private static Command burl(Cursor arguments) {
    String url = arguments.takeWhile(c -> c > ' ' && c <= '~');
    boolean last = arguments.takeSpaces() && arguments.takeKeyword("LAST");
    return url.isEmpty() || !arguments.isAtEnd()
        ? new Command.Unusable(Reply.of(501, "5.5.4", "Syntax: BURL url [LAST]"))
        : new Command.Burl(url, last);
  }

  private static Command bare(String verb, Cursor arguments, Command command) {
    return arguments.isAtEnd()
        ? command
        : new Command.Unusable(Reply.of(501, "5.5.4", verb + " takes no argument"));
  }

  private static String required(String verb, Cursor arguments, String what) {
    if (arguments.isAtEnd()) {
      throw syntax(verb, what);
    }
    return arguments.rest();
  }

  private static Cursor.SyntaxException syntax(String verb, String arguments) {
    return new Cursor.SyntaxException(Reply.of(501, "5.5.4", "Syntax: " + verb + " " + arguments));
  }

  /** RFC 5321 §4.1.1 asks servers to tolerate white space before the CRLF. */
  private static String withoutTrailingSpace(String line) {
    int end = line.length();
    while (end > 0 && (line.charAt(end - 1) == ' ' || line.charAt(end - 1) == '\t')) {
      end--;
    }
    return line.substring(0, end);
  }
}
