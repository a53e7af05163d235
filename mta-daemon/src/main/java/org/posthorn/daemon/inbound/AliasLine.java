package org.posthorn.daemon.inbound;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.posthorn.smtp.Domain;
import org.posthorn.smtp.Mailbox;
import org.posthorn.smtp.Printable;

/** Reads one entry of an aliases file, {@code key: target, target}; what is wrong is an IllegalArgumentException. */
final class AliasLine {
  private final String text;
  private int at;

  AliasLine(String text) {
    this.text = text;
  }

  /** Reads the key and the colon behind it. */
  Aliases.Key key() {
    String localPart = localPart().toLowerCase(Locale.ROOT);
    Optional<Domain> domain = take('@') ? Optional.of(domain()) : Optional.empty();
    skipSpace();
    Require.that(take(':'), "no colon after the alias");
    Require.that(!localPart.isEmpty() || domain.isPresent(), "no alias before the colon");
    return new Aliases.Key(localPart, domain);
  }

  /** Reads the targets, at least one. */
  List<Aliases.Target> targets() {
    var targets = new ArrayList<Aliases.Target>();
    do {
      skipSpace();
      if (at < text.length() && text.charAt(at) != ',') { // a comma too many does no harm
        targets.add(target());
        skipSpace();
      }
    } while (take(','));
    Require.that(at == text.length(), "not understood: " + rest());
    Require.that(!targets.isEmpty(), "no target");
    return targets;
  }

  private Aliases.Target target() {
    refuseWhatIsNoAddress();
    boolean bracketed = take('<');
    String localPart = localPart();
    Require.that(!localPart.isEmpty(), "not an address: " + rest());
    Aliases.Target target = take('@')
        ? new Aliases.Target.Address(new Mailbox(localPart, domain()))
        : new Aliases.Target.Name(localPart);
    Require.that(!bracketed || take('>'), "no closing angle bracket");
    return target;
  }

  private void refuseWhatIsNoAddress() {
    String target = text.startsWith("\"", at) ? text.substring(at + 1) : text.substring(at);
    Require.that(!target.startsWith("|"), "commands are not supported: " + rest());
    Require.that(!target.startsWith("/"), "files are not supported: " + rest());
    Require.that(!target.regionMatches(true, 0, ":include:", 0, 9), ":include: is not supported: " + rest());
  }

  private String localPart() {
    return take('"') ? quoted() : atom("@:,<>\"");
  }

  private String quoted() {
    var unquoted = new StringBuilder();
    while (at < text.length() && text.charAt(at) != '"') {
      if (text.charAt(at) == '\\' && at + 1 < text.length()) {
        at++;
      }
      unquoted.append(text.charAt(at++));
    }
    Require.that(take('"'), "no closing quote");
    return unquoted.toString();
  }

  private Domain domain() {
    String name = atom(":,>\"@");
    return Domain.parse(name)
        .orElseThrow(() -> new IllegalArgumentException("not a domain: " + Printable.of(name)));
  }

  private String atom(String ends) {
    int start = at;
    while (at < text.length() && ends.indexOf(text.charAt(at)) < 0 && !Character.isWhitespace(text.charAt(at))) {
      at++;
    }
    return text.substring(start, at);
  }

  private boolean take(char wanted) {
    if (at < text.length() && text.charAt(at) == wanted) {
      at++;
      return true;
    }
    return false;
  }

  private void skipSpace() {
    while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
      at++;
    }
  }

  private String rest() {
    return Printable.of(text.substring(at));
  }
}
