package org.posthorn.daemon.logging;

import ch.qos.logback.classic.spi.ILoggingEvent;
import java.io.StringWriter;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * One flat JSON object: {@code time}, {@code level}, {@code event}, then the keys of the event, all texts. Flat, where
 * Logback's own encoder nests the keys in a list, so that {@code jq 'select(.id == "…")'} is all one needs.
 */
final class JsonLine implements LineFormat {
  private static final JsonFactory JSON = new JsonFactory();

  @Override
  public String format(ILoggingEvent event) {
    var line = new StringWriter(200);
    try (var json = JSON.createGenerator(ObjectWriteContext.empty(), line)) {
      json.writeStartObject();
      json.writeStringProperty("time", event.getInstant().toString());
      json.writeStringProperty("level", LineFormat.level(event));
      json.writeStringProperty("event", String.valueOf(event.getFormattedMessage()));
      var pairs = event.getKeyValuePairs();
      if (pairs != null) {
        pairs.forEach(pair -> json.writeStringProperty(pair.key, String.valueOf(pair.value)));
      }
      LineFormat.stack(event).ifPresent(stack -> {
        json.writeStringProperty("logger", event.getLoggerName());
        json.writeStringProperty("stack", stack);
      });
      json.writeEndObject();
    }
    return line.toString();
  }
}
