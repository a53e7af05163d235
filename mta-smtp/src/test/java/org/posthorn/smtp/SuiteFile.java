package org.posthorn.smtp;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/** Test material that others wrote; tests that need it are skipped without it. */
final class SuiteFile {
  private static final JsonFactory JSON = new JsonFactory();

  private SuiteFile() {}

  /** Returns the lines of a text file. */
  static List<String> lines(String relative) throws IOException {
    Optional<Path> file = Optional.ofNullable(System.getProperty("posthorn.suites"))
        .map(root -> Path.of(root, relative))
        .filter(Files::exists);
    assumeTrue(file.isPresent(), "no " + relative + " under the system property posthorn.suites");
    return Files.readAllLines(file.get());
  }

  /** Returns the flat objects of a JSONL file, values as text, nulls left out. */
  static List<Map<String, String>> objects(String relative) throws IOException {
    List<Map<String, String>> objects = new ArrayList<>();
    for (String line : lines(relative)) {
      objects.add(object(line));
    }
    return objects;
  }

  private static Map<String, String> object(String line) {
    Map<String, String> object = new HashMap<>();
    try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), line)) {
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        if (token.isScalarValue() && token != JsonToken.VALUE_NULL) {
          object.put(parser.currentName(), parser.getString());
        }
      }
    }
    return object;
  }
}
