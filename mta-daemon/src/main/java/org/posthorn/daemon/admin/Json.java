package org.posthorn.daemon.admin;

import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** The one way in which this package and the command line write and read JSON. */
public final class Json {
  private static final JsonMapper MAPPER = JsonMapper.builder()
      .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
      .disable(StreamWriteFeature.AUTO_CLOSE_TARGET)
      .build();

  private Json() {}

  /** Returns {@code value} on one line. */
  public static byte[] line(Object value) {
    return MAPPER.writeValueAsBytes(value);
  }

  /** Returns {@code value} as text for people. */
  public static String pretty(Object value) {
    return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(value);
  }

  /** Reads what {@link #line} wrote; throws IllegalArgumentException when it is something else. */
  public static <T> T read(byte[] json, Class<T> type) {
    try {
      return MAPPER.readValue(json, type);
    } catch (JacksonException e) {
      throw new IllegalArgumentException("not the JSON that was expected: " + e.getOriginalMessage(), e);
    }
  }

  static AdminAnswer ok(Object value) {
    return new AdminAnswer.Whole(200, AdminAnswer.JSON, line(value));
  }

  static AdminAnswer error(int status, String text) {
    return new AdminAnswer.Whole(status, AdminAnswer.JSON, line(Map.of("error", text)));
  }
}
