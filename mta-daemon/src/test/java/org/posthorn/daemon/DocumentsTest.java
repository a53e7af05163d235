package org.posthorn.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Holds the documents together, and those for operators to what the program says. */
class DocumentsTest {
  private static final Path ROOT = Path.of("").toAbsolutePath().resolve("..").normalize();
  private static final Pattern LINK = Pattern.compile("]\\((?!https?:)([^)#\\s]*)(?:#([^)\\s]+))?\\)");
  private static final Pattern FENCED = Pattern.compile("(?ms)^ *```.*?^ *```$");
  private static final Pattern HEADING = Pattern.compile("(?m)^#+ (.+)$");
  private static final Pattern ERROR = Pattern
      .compile("(?s)\\.atError\\(\\)(?:(?!\\.at\\w+\\(\\)).){0,500}?\\.log\\(\\s*\"([^\"]+)\"\\s*\\)");

  static List<Path> documents() throws IOException {
    try (var top = Files.list(ROOT); var docs = Files.walk(ROOT.resolve("docs"))) {
      return Stream.concat(Stream.concat(top, docs), Stream.of(ROOT.resolve("bench/README.md")))
          .filter(file -> file.toString().endsWith(".md"))
          .sorted()
          .toList();
    }
  }

  @ParameterizedTest
  @MethodSource("documents")
  void linksLeadSomewhere(Path document) throws IOException {
    for (var link : LINK.matcher(Files.readString(document)).results().toList()) {
      var target = link.group(1).isEmpty() ? document : document.resolveSibling(link.group(1)).normalize();
      assertThat(target).exists();
      if (link.group(2) != null) {
        assertThat(anchors(target)).as(link.group()).contains(link.group(2));
      }
    }
  }

  @Test
  void eachErrorOfTheLogSaysWhatItAsksOfTheOperator() throws IOException {
    var operations = Files.readString(ROOT.resolve("docs/operations.md"));
    assertThat(errors()).hasSizeGreaterThan(40)
        .allSatisfy(error -> assertThat(operations).contains("`" + error + "`"));
  }

  /** Returns the names that a heading is linked by. */
  private static Set<String> anchors(Path document) throws IOException {
    return HEADING.matcher(FENCED.matcher(Files.readString(document)).replaceAll(""))
        .results()
        .map(heading -> heading.group(1)
            .strip()
            .toLowerCase(Locale.ROOT)
            .replaceAll("[^\\p{L}\\p{N}_ -]", "")
            .replace(' ', '-'))
        .collect(Collectors.toSet());
  }

  private static Set<String> errors() throws IOException {
    var errors = new TreeSet<String>();
    try (var modules = Files.list(ROOT)) {
      for (var module : modules.map(module -> module.resolve("src/main/java")).filter(Files::isDirectory).toList()) {
        try (var files = Files.walk(module)) {
          for (var file : files.filter(file -> file.toString().endsWith(".java")).toList()) {
            ERROR.matcher(Files.readString(file)).results().forEach(found -> errors.add(found.group(1)));
          }
        }
      }
    }
    return errors;
  }
}
