package org.posthorn.daemon.inbound;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.posthorn.smtp.Domain;
import org.posthorn.smtp.Mailbox;

/**
 * An aliases file as it stands, not yet looked at as a whole: in the syntax of sendmail and Postfix's aliases(5), with
 * full addresses ({@code user@example.org:}) and whole domains ({@code @example.org:}) as keys too. Commands, files and
 * {@code :include:} are refused: mail is never handed to a program by what an alias says.
 *
 * @param entries by key, in the order of the file
 * @param source the file's name, for messages
 */
public record Aliases(Map<Key, Entry> entries, String source) {
  /** How many entries are told of that are wrong. */
  private static final int MOST_TOLD = 20;
  /** No aliases. */
  public static final Aliases NONE = new Aliases(Map.of(), "");

  /**
   * What an alias stands for.
   *
   * @param localPart in lower case; empty for all of a domain
   * @param domain the domain; empty for all local domains
   */
  public record Key(String localPart, Optional<Domain> domain) {
    @Override
    public String toString() {
      return localPart + domain.map(name -> "@" + name).orElse("");
    }
  }

  /** Where an alias leads. */
  public sealed interface Target {
    /** A user or an alias here. */
    record Name(String localPart) implements Target {}

    /** An address, here or elsewhere. */
    record Address(Mailbox mailbox) implements Target {}
  }

  /** Where a key leads, and on which line that stands. */
  public record Entry(List<Target> targets, int line) {
    public Entry {
      targets = List.copyOf(targets);
    }
  }

  public Aliases {
    entries = Collections.unmodifiableMap(new LinkedHashMap<>(entries));
  }

  /** Reads {@code file}; throws IllegalArgumentException with file, line and reason of each entry that is wrong. */
  public static Aliases read(Path file) throws IOException {
    return parse(Files.readString(file), file.toString());
  }

  /** Reads {@code text}; {@code source} names it in messages. */
  public static Aliases parse(String text, String source) {
    var entries = new LinkedHashMap<Key, Entry>();
    var wrong = new ArrayList<String>();
    for (var line : logicalLines(text)) {
      try {
        var parser = new AliasLine(line.text());
        Key key = parser.key();
        if (entries.putIfAbsent(key, new Entry(parser.targets(), line.number())) != null) {
          throw new IllegalArgumentException("a second entry for " + key);
        }
      } catch (IllegalArgumentException e) {
        wrong.add(source + ":" + line.number() + ": " + e.getMessage());
      }
    }
    if (!wrong.isEmpty()) {
      throw new IllegalArgumentException(told(wrong));
    }
    return new Aliases(entries, source);
  }

  private static String told(List<String> wrong) {
    var told = String.join("\n", wrong.subList(0, Math.min(MOST_TOLD, wrong.size())));
    return wrong.size() > MOST_TOLD ? told + "\nand " + (wrong.size() - MOST_TOLD) + " more" : told;
  }

  private record Line(String text, int number) {}

  /** Joins lines that begin with white space to the one before, and drops empty lines and comments (aliases(5)). */
  private static List<Line> logicalLines(String text) {
    var lines = new ArrayList<Line>();
    int number = 0;
    for (var line : text.split("\r?\n", -1)) {
      number++;
      if (line.isBlank() || line.stripLeading().startsWith("#")) {
        continue;
      }
      if (Character.isWhitespace(line.charAt(0)) && !lines.isEmpty()) {
        var begun = lines.removeLast();
        lines.add(new Line(begun.text() + " " + line.strip(), begun.number()));
      } else {
        lines.add(new Line(line.strip(), number));
      }
    }
    return lines;
  }
}
