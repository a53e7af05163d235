package org.posthorn.daemon.inbound.netty;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class AcceptFailuresTest {
  private final Logger logger = (Logger) LoggerFactory.getLogger(AcceptFailures.class);
  private final ListAppender<ILoggingEvent> told = new ListAppender<>();
  private final MockTicker ticker = Ticker.newMockTicker();
  private final EmbeddedChannel listener = new EmbeddedChannel(new AcceptFailures("0.0.0.0:25", ticker));

  @BeforeEach
  void listen() {
    told.start();
    logger.addAppender(told);
  }

  @AfterEach
  void leave() {
    logger.detachAppender(told);
  }

  @Test
  void tellsOfWhatGoesOnOnceAMinute() {
    for (int second = 0; second < 150; second++) {
      listener.pipeline().fireExceptionCaught(new IOException("Too many open files"));
      ticker.advance(1, TimeUnit.SECONDS);
    }

    listener.checkException();
    assertThat(told.list).hasSize(3)
        .allSatisfy(event -> assertThat(event.getKeyValuePairs()).extracting(pair -> pair.key + "=" + pair.value)
            .containsExactly("address=0.0.0.0:25", "text=Too many open files"));
  }
}
