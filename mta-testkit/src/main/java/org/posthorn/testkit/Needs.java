package org.posthorn.testkit;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Stream;
import org.opentest4j.AssertionFailedError;
import org.opentest4j.TestAbortedException;

/**
 * What a test needs that not every machine has. Where it is missing the test is skipped with a message; with the system
 * property {@code posthorn.require-all} set to {@code true}, as in continuous integration, it fails instead.
 */
public final class Needs {
  private Needs() {}

  /** Returns the test material at {@code relative} below the suites, such as {@code 06-smtp/data-reader.jsonl}. */
  public static Path suite(String relative) {
    return Suites.find(relative)
        .orElseThrow(() -> missing("test material " + relative
            + " is not here; set -Dposthorn.suites to the folder that holds it"));
  }

  /** Returns where {@code program} is installed. */
  public static Path program(String program) {
    return find(program).orElseThrow(() -> missing("the program " + program + " is not installed"));
  }

  /** Returns {@code place}, where {@code what} is installed. */
  public static Path installed(Path place, String what) {
    if (!Files.exists(place)) {
      throw missing(what + " is not installed");
    }
    return place;
  }

  /** Asks to be run by root, for {@code what}. */
  public static void root(String what) {
    if (!"root".equals(System.getProperty("user.name"))) {
      throw missing(what + " can only be started by root");
    }
  }

  private static Optional<Path> find(String program) {
    var path = Arrays.stream(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator));
    return Stream.concat(path, Stream.of("/usr/sbin", "/sbin", "/usr/local/sbin"))
        .map(folder -> Path.of(folder, program))
        .filter(Files::isExecutable)
        .findFirst();
  }

  private static RuntimeException missing(String what) {
    if (Boolean.getBoolean("posthorn.require-all")) {
      throw new AssertionFailedError(what);
    }
    return new TestAbortedException(what);
  }
}
