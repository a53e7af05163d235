package org.posthorn.daemon.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.event.KeyValuePair;

/**
 * Writes events as lines. Whoever logs formats the line; one thread writes all that have gathered meanwhile in one go, so
 * a slow disk costs no thread anything until the bound is reached. Then each waits at most {@value #PATIENCE_MILLIS} ms and
 * drops the line: mail goes on when the terminal that shows the log is stopped. How many were dropped is logged.
 */
final class LineAppender extends UnsynchronizedAppenderBase<ILoggingEvent> {
  /** Opens what lines are written to; called again to reopen it. */
  interface Opener {
    OutputStream open() throws IOException;
  }

  private static final int MAX_WAITING = 8192;
  private static final int PATIENCE_MILLIS = 200;
  private static final Duration LAST_PATIENCE = Duration.ofSeconds(2);
  /** How long the first line waits for others: with three lines a message, waking the writer for each costs a tenth of it. */
  private static final long LINGER_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

  private sealed interface Item {
    record Line(byte[] bytes) implements Item {}

    record Reopen() implements Item {}

    record Stop() implements Item {}
  }

  private final LineFormat format;
  private final Opener opener;
  private final BlockingQueue<Item> waiting = new ArrayBlockingQueue<>(MAX_WAITING);
  private final AtomicLong dropped = new AtomicLong();
  private final AtomicBoolean isOutdated = new AtomicBoolean();
  private final Thread writer;
  private OutputStream out; // owned by the writer once it runs
  private boolean isTorn; // whether the output may have taken the begin of a line only

  /** Opens the output at once, so that a log that cannot be written is noticed at the start. */
  LineAppender(LineFormat format, Opener opener) throws IOException {
    this.format = format;
    this.opener = opener;
    out = opener.open();
    writer = Thread.ofPlatform().daemon().name("log").unstarted(this::write);
  }

  @Override
  public void start() {
    super.start();
    writer.start();
  }

  /** Writes what waits, and closes the output; what it does not take in time is lost. */
  @Override
  public void stop() {
    if (isStarted()) {
      super.stop();
      try {
        if (waiting.offer(new Item.Stop(), LAST_PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
          boolean _ = writer.join(LAST_PATIENCE);
        }
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Opens the output anew, once all lines so far are written: after a rotation the name leads to another file. */
  void reopen() {
    isOutdated.set(true);
    boolean _ = waiting.offer(new Item.Reopen()); // when there is no room, the lines that take it wake the writer
  }

  @Override
  protected void append(ILoggingEvent event) {
    var line = new Item.Line(bytes(event));
    if (!waiting.offer(line) && !offerPatiently(line)) {
      dropped.incrementAndGet();
    }
  }

  private boolean offerPatiently(Item line) {
    try {
      return waiting.offer(line, PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private void write() {
    var batch = new ArrayList<Item>();
    var bytes = new ByteArrayOutputStream(1 << 16);
    boolean goesOn = true;
    while (goesOn) {
      try {
        batch.add(waiting.take());
        LockSupport.parkNanos(LINGER_NANOS);
        waiting.drainTo(batch);
        goesOn = write(batch, bytes);
      } catch (InterruptedException _) {
        goesOn = false; // nobody interrupts this thread but the end of the process
      }
      batch.clear();
      bytes.reset();
    }
    closeQuietly();
  }

  private boolean write(Iterable<Item> batch, ByteArrayOutputStream bytes) {
    boolean goesOn = true;
    int lines = 0;
    for (var item : batch) {
      switch (item) {
        case Item.Line(var line) -> {
          bytes.writeBytes(line);
          lines++;
        }
        case Item.Stop _ -> goesOn = false;
        case Item.Reopen _ -> {
          flush(bytes, lines);
          lines = 0;
          exchangeOutput();
        }
      }
    }
    flush(bytes, lines);
    exchangeOutput();
    return goesOn;
  }

  /** The old output stays in use when there is no other. */
  private void exchangeOutput() {
    if (!isOutdated.getAndSet(false)) {
      return;
    }
    try {
      var fresh = opener.open();
      closeQuietly();
      out = fresh;
    } catch (IOException e) {
      addError("cannot open the log anew", e);
    }
  }

  /** Writes so many lines; when the disk does not take them, how many were lost is told as soon as it takes others. */
  private void flush(ByteArrayOutputStream bytes, int lines) {
    long lost = dropped.getAndSet(0);
    try {
      if (isTorn) {
        out.write('\n');
        isTorn = false;
      }
      if (lost > 0) {
        out.write(bytes(lossOf(lost)));
      }
      bytes.writeTo(out);
      out.flush();
    } catch (IOException e) {
      isTorn = true;
      dropped.addAndGet(lost + lines);
      addError("cannot write the log", e); // there is no better place to say so
    } finally {
      bytes.reset();
    }
  }

  private ILoggingEvent lossOf(long lines) {
    var logger = ((LoggerContext) getContext()).getLogger(LineAppender.class);
    var event = new LoggingEvent(LineAppender.class.getName(), logger, Level.WARN, "log lines dropped", null, null);
    event.addKeyValuePair(new KeyValuePair("count", lines));
    return event;
  }

  private byte[] bytes(ILoggingEvent event) {
    return (format.format(event) + "\n").getBytes(StandardCharsets.UTF_8);
  }

  private void closeQuietly() {
    try {
      out.close();
    } catch (IOException e) {
      addError("cannot close the log", e);
    }
  }
}
