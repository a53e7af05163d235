package org.posthorn.queue.dsn;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.posthorn.queue.dsn.BounceReader.Field;
import org.posthorn.testkit.Needs;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/** Shows that the reader which checks our DSNs reads those of other mail systems as well. */
class BounceCorpusTest {
  /** Where the expected fields, found by Python's email package, are not what the file says. */
  private static final Set<String> KNOWN_DIFFERENCES = Set.of(
      "sisimai/bsd/lhost-mimecast-02.eml", // a space before each colon, which Python does not take
      "sisimai/bsd/rhost-franceptt-08.eml", // other delimiters than the header announces: made anonymous by hand
      "sisimai/bsd/rhost-google-01.eml"); // the same

  @Test
  void readsEveryDeliveryStatusOfOthers() throws Exception {
    var folder = Needs.suite("07-dsn");
    var differing = new ArrayList<String>();
    int read = 0;
    for (String line : Files.readAllLines(folder.resolve("cases.jsonl"), StandardCharsets.UTF_8)) {
      if (!(json(line) instanceof Map<?, ?> known) || !(known.get("delivery_status") instanceof List<?> groups)) {
        continue;
      }
      String file = String.valueOf(known.get("file"));
      String text = Files.readString(folder.resolve(file), StandardCharsets.ISO_8859_1);
      read++;
      if (!fields(groups).equals(BounceReader.read(text).deliveryStatus())) {
        differing.add(file);
      }
    }
    assertThat(read).isGreaterThan(150);
    assertThat(differing).isSubsetOf(KNOWN_DIFFERENCES);
  }

  private static List<List<Field>> fields(List<?> groups) {
    return groups.stream()
        .map(group -> ((List<?>) group).stream().map(BounceCorpusTest::field).toList())
        .filter(group -> !group.isEmpty())
        .toList();
  }

  private static Field field(Object pair) {
    var both = (List<?>) pair;
    return new Field(String.valueOf(both.get(0)), String.valueOf(both.get(1)).replaceAll("\\s+", " ").strip());
  }

  private static Object json(String text) {
    try (var parser = JsonFactory.builder().build().createParser(ObjectReadContext.empty(), text)) {
      parser.nextToken();
      return value(parser);
    }
  }

  private static Object value(JsonParser parser) {
    if (parser.currentToken() == JsonToken.START_ARRAY) {
      var list = new ArrayList<Object>();
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        list.add(value(parser));
      }
      return list;
    }
    if (parser.currentToken() == JsonToken.START_OBJECT) {
      var map = new LinkedHashMap<String, Object>();
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String name = parser.currentName();
        parser.nextToken();
        map.put(name, value(parser));
      }
      return map;
    }
    return String.valueOf(parser.getString());
  }
}
