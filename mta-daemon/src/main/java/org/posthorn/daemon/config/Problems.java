package org.posthorn.daemon.config;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.tomlj.TomlParseError;
import org.tomlj.TomlPosition;

/** Collects what is wrong with one file, so that the operator sees all of it at once. Used by one thread. */
final class Problems {
  /** More would be noise: a file with so many is no settings file. */
  private static final int MAX = 50;

  private final String file;
  private final List<Problem> found = new ArrayList<>();

  Problems(String file) {
    this.file = file;
  }

  /** Adds what the parser of TOML says, with the mistake that it mostly is. */
  void add(TomlParseError error) {
    var text = String.valueOf(error.getMessage());
    boolean lacksQuotes = text.matches("Unexpected '[\\p{L}/.].*expected .*a value.*");
    add(error.position(), lacksQuotes ? text + "; texts stand in quotation marks, as in \"example.org\"" : text);
  }

  void add(TomlPosition position, String text) {
    add(new Problem(file, position.line(), position.column(), text));
  }

  /** Adds what may well be a consequence of another problem, and is left out when there is one. */
  void addWhenFirst(TomlPosition position, String text) {
    if (found.isEmpty()) {
      add(position, text);
    }
  }

  void add(Problem problem) {
    if (found.size() < MAX && !found.contains(problem)) {
      found.add(problem);
    }
  }

  void throwIfAny() throws ConfigException {
    if (!found.isEmpty()) {
      found.sort(Comparator.comparing(Problem::file).thenComparingInt(Problem::line).thenComparingInt(Problem::column));
      throw new ConfigException(found);
    }
  }
}
