package org.posthorn.testkit;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Finds the test material that others wrote, which is not part of this project: system property {@code posthorn.suites}. */
public final class Suites {
  private Suites() {}

  /** Returns the file or folder at {@code relative}, such as {@code 06-smtp/data-reader.jsonl}; empty when it is not here. */
  public static Optional<Path> find(String relative) {
    return Optional.ofNullable(System.getProperty("posthorn.suites"))
        .map(root -> Path.of(root, relative))
        .filter(Files::exists);
  }
}
