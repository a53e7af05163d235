package org.posthorn.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthorn.queue.IndexWriter;
import org.posthorn.queue.QueueId;
import org.posthorn.queue.QueueIndex.Changes;
import org.posthorn.queue.StoreException;
import org.posthorn.queue.h2.H2QueueIndex;
import org.slf4j.LoggerFactory;

/** What the operator hears of an index that cannot be written. */
final class IndexWriterLogTest {
  private static final class Errors extends AppenderBase<ILoggingEvent> {
    private final List<String> messages = new CopyOnWriteArrayList<>();
    private final CountDownLatch advice = new CountDownLatch(1);

    @Override
    protected void append(ILoggingEvent event) {
      if (event.getLevel() == Level.ERROR) {
        messages.add(event.getFormattedMessage());
        if (event.getFormattedMessage().contains("restart")) {
          advice.countDown();
        }
      }
    }
  }

  @TempDir
  private Path directory;

  @Test
  void saysNowAndThenWhatHelpsWhenAFailureDoesNotEnd() throws Exception {
    var index = H2QueueIndex.open(directory);
    index.close();
    var errors = new Errors();
    var logger = (Logger) LoggerFactory.getLogger(IndexWriter.class);
    errors.start();
    logger.addAppender(errors);
    var writer = new IndexWriter(index, Duration.ZERO, Duration.ofMillis(1));
    try {
      writer.write(new Changes(List.of(), List.of(), List.of(), List.of(new QueueId("0000000000000001"))), () -> {});
      assertThat(errors.advice.await(60, TimeUnit.SECONDS)).isTrue();
      assertThat(errors.messages).first().asString().contains("mail is safe, and this is tried again");
      assertThat(errors.messages).hasSize(2);
    } finally {
      assertThatThrownBy(writer::close).isInstanceOf(StoreException.class);
      logger.detachAppender(errors);
    }
  }
}
