package org.posthorn.daemon.logging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
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
    assertThat(disk.refused.await(60, TimeUnit.SECONDS)).isTrue();
    disk.hasRoom = true;
    appender.doAppend(event("kept"));
    appender.stop();
    assertThat(disk.text().lines().filter(line -> !line.isEmpty())).hasSize(3)
        .startsWith("{\"t")
        .element(1)
        .asString()
        .startsWith("{")
        .endsWith("\"level\":\"warn\",\"event\":\"log lines dropped\",\"count\":\"1\"}");
    assertThat(disk.text()).contains("\"event\":\"kept\"").doesNotContain("\"event\":\"lost\"");
  }

  @Test
  void opensItsFileAnewHoweverMuchWaits() throws Exception {
    var disk = new SlowDisk();
    var opened = new AtomicInteger();
    var appender = full(disk, opened);
    appender.reopen();
    disk.goOn.countDown();
    appender.stop();
    assertThat(opened).hasValue(2);
  }

  @Test
  void doesNotWaitForEverForATerminalThatTakesNothing() throws Exception {
    var disk = new SlowDisk();
    var appender = full(disk, new AtomicInteger());
    assertTimeoutPreemptively(Duration.ofSeconds(60), appender::stop);
    disk.goOn.countDown();
  }

  /** Returns one that can take no more lines, as {@code disk} does not go on. */
  private LineAppender full(SlowDisk disk, AtomicInteger opened) throws Exception {
    var appender = new LineAppender(new TextLine(TextLine.Reader.ANYONE), () -> {
      opened.incrementAndGet();
      return disk;
    });
    appender.setContext(context);
    appender.start();
    appender.doAppend(event("first"));
    assertThat(disk.begun.await(60, TimeUnit.SECONDS)).isTrue();
    for (int i = 0; i < 8192; i++) {
      appender.doAppend(event("waits"));
    }
    return appender;
  }

  /** Takes nothing until it may go on. */
  private static final class SlowDisk extends OutputStream {
    private final CountDownLatch begun = new CountDownLatch(1);
    private final CountDownLatch goOn = new CountDownLatch(1);

    @Override
    public void write(int octet) throws IOException {
      begun.countDown();
      try {
        goOn.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException(String.valueOf(e.getMessage()));
      }
    }
  }

  private LoggingEvent event(String text) {
    return new LoggingEvent("", context.getLogger("org.posthorn.Test"), Level.INFO, text, null, null);
  }

  /** Takes next to nothing until there is room. */
  private static final class FullDisk extends OutputStream {
    private final CountDownLatch refused = new CountDownLatch(1);
    private final ByteArrayOutputStream taken = new ByteArrayOutputStream();
    private volatile boolean hasRoom;

    @Override
    public void write(int octet) throws IOException {
      if (!hasRoom) {
        if (taken.size() < 3) { // and then what is left of the last block
          taken.write(octet);
          return;
        }
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
