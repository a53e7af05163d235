package org.posthorn.daemon.logging;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class LineAppenderTest {
  private final LoggerContext context = new LoggerContext();

  @Test
  void tellsInItsOwnFormatHowManyLinesTheDiskDidNotTake() throws Exception {
    var disk = new FullDisk();
    var appender = new LineAppender(new JsonLine(), () -> disk);
    appender.setContext(context);
    appender.start();
    appender.doAppend(event("lost"));
    assertThat(disk.refused.await(20, TimeUnit.SECONDS)).isTrue();
    disk.hasRoom = true;
    appender.doAppend(event("kept"));
    appender.stop();
    assertThat(disk.text().lines().toList()).hasSize(2)
        .first()
        .asString()
        .startsWith("{")
        .endsWith("\"level\":\"warn\",\"event\":\"log lines dropped\",\"count\":\"1\"}");
    assertThat(disk.text()).contains("\"event\":\"kept\"").doesNotContain("\"event\":\"lost\"");
  }

  private LoggingEvent event(String text) {
    return new LoggingEvent("", context.getLogger("org.posthorn.Test"), Level.INFO, text, null, null);
  }

  /** Takes nothing until there is room. */
  private static final class FullDisk extends OutputStream {
    private final CountDownLatch refused = new CountDownLatch(1);
    private final ByteArrayOutputStream taken = new ByteArrayOutputStream();
    private volatile boolean hasRoom;

    @Override
    public void write(int octet) throws IOException {
      if (!hasRoom) {
        refused.countDown();
        throw new IOException("No space left on device");
      }
      taken.write(octet);
    }

    String text() {
      return taken.toString(StandardCharsets.UTF_8);
    }
  }
}
