package org.posthorn.daemon.logging;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.slf4j.event.KeyValuePair;

class LineFormatTest {
  private final LineFormat text = new TextLine(TextLine.Reader.ANYONE);
  private final LineFormat journal = new TextLine(TextLine.Reader.JOURNAL);
  private final LineFormat json = new JsonLine();

  @Test
  void writesTimeLevelEventAndKeys() {
    assertThat(text.format(event())).isEqualTo("2026-11-22T07:46:35.120Z info delivery id=0abc to=a@example.org"
        + " text=\"250 2.0.0 \\\"ok\\\"\" orig_to=\"\"");
  }

  @Test
  void leavesTheTimeToTheJournalAndTellsItThePriority() {
    assertThat(journal.format(event())).startsWith("<6>delivery id=0abc ");
  }

  @Test
  void writesOneFlatObject() {
    assertThat(json.format(event())).isEqualTo("{\"time\":\"2026-11-22T07:46:35.120Z\",\"level\":\"info\","
        + "\"event\":\"delivery\",\"id\":\"0abc\",\"to\":\"a@example.org\",\"text\":\"250 2.0.0 \\\"ok\\\"\","
        + "\"orig_to\":\"\"}");
  }

  @Test
  void keepsLineEndsAndControlCharactersOffTheLine() {
    var event = event();
    event.setKeyValuePairs(List.of(new KeyValuePair("helo", "x\r\n2026 info forged\u0000\u001b[31m\u2028\u0085")));
    event.setThrowableProxy(new ch.qos.logback.classic.spi.ThrowableProxy(new IllegalStateException("first\nsecond")));
    for (var format : List.of(text, journal, json)) {
      assertThat(format.format(event)).doesNotContain("\n", "\r", "\u0000", "\u001b").contains("first\\nsecond");
    }
    assertThat(text.format(event)).contains("helo=\"x\\r\\n2026 info forged\\u0000\\u001b[31m\\u2028\\u0085\"");
  }

  private static LoggingEvent event() {
    var context = new LoggerContext();
    var event = new LoggingEvent("", context.getLogger("org.posthorn.Test"), Level.INFO, "delivery", null, null);
    event.setInstant(Instant.parse("2026-11-22T07:46:35.120Z"));
    event.setKeyValuePairs(List.of(new KeyValuePair("id", "0abc"), new KeyValuePair("to", "a@example.org"),
        new KeyValuePair("text", "250 2.0.0 \"ok\""), new KeyValuePair("orig_to", "")));
    return event;
  }
}
