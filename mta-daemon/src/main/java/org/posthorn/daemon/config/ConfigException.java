package org.posthorn.daemon.config;

import java.util.List;
import java.util.stream.Collectors;

/** The settings cannot be put in force. Names everything that is wrong with them, not only the first. */
public final class ConfigException extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient List<Problem> problems;

  /** Takes at least one problem. */
  public ConfigException(List<Problem> problems) {
    super(problems.stream().map(Problem::toString).collect(Collectors.joining("\n")));
    this.problems = List.copyOf(problems);
  }

  /** Returns what is wrong, in the order of the file. */
  public List<Problem> problems() {
    return problems;
  }
}
