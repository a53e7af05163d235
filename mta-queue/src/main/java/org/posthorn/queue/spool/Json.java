package org.posthorn.queue.spool;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonWriteFeature;

/**
 * Reads JSON into maps, lists, texts and booleans, which is enough for the few objects of a spool entry. What is missing or
 * of another type is an IllegalArgumentException.
 */
final class Json {
  /** Escapes all that is not ASCII, so that a text with a lone surrogate comes back as it was. */
  static final JsonFactory FACTORY = JsonFactory.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();
  static final ObjectWriteContext CONTEXT = ObjectWriteContext.empty();
  private static final int MAX_DEPTH = 8;
  /** Stands for null, which a map of non-null values cannot hold. */
  private static final Optional<Object> NULL = Optional.empty();

  private Json() {}

  /** Reads one object and nothing behind it. */
  static Map<String, Object> object(byte[] json, int offset, int length) {
    try (var parser = FACTORY.createParser(ObjectReadContext.empty(), json, offset, length)) {
      parser.nextToken();
      var object = asObject(value(parser, 0));
      if (parser.nextToken() != null) {
        throw new IllegalArgumentException("something behind the object");
      }
      return object;
    }
  }

  private static Object value(JsonParser parser, int depth) {
    if (depth > MAX_DEPTH) {
      throw new IllegalArgumentException("nested too deeply");
    }
    var token = parser.currentToken();
    if (token == JsonToken.START_OBJECT) {
      var object = new HashMap<String, Object>();
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        String name = parser.currentName();
        parser.nextToken();
        object.put(name, value(parser, depth + 1));
      }
      return object;
    }
    if (token == JsonToken.START_ARRAY) {
      var list = new ArrayList<Object>();
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        list.add(value(parser, depth + 1));
      }
      return list;
    }
    if (token == JsonToken.VALUE_TRUE || token == JsonToken.VALUE_FALSE) {
      return token == JsonToken.VALUE_TRUE;
    }
    if (token == null) {
      throw new IllegalArgumentException("the JSON ends early");
    }
    return token == JsonToken.VALUE_NULL ? NULL : parser.getString();
  }

  static Map<String, Object> asObject(Object value) {
    if (!(value instanceof Map<?, ?> map)) {
      throw new IllegalArgumentException("not an object");
    }
    var object = new HashMap<String, Object>();
    map.forEach((name, member) -> object.put((String) name, member));
    return object;
  }

  static List<?> list(Map<String, Object> object, String name) {
    if (!(object.get(name) instanceof List<?> list)) {
      throw new IllegalArgumentException("no list " + name);
    }
    return list;
  }

  static String text(Map<String, Object> object, String name) {
    return optionalText(object, name).orElseThrow(() -> new IllegalArgumentException("no text " + name));
  }

  static Optional<String> optionalText(Map<String, Object> object, String name) {
    return object.get(name) instanceof String text ? Optional.of(text) : Optional.empty();
  }

  static boolean isTrue(Map<String, Object> object, String name) {
    return Boolean.TRUE.equals(object.get(name));
  }

  static boolean isNull(Map<String, Object> object, String name) {
    return NULL.equals(object.get(name));
  }
}
