package org.posthorn.daemon.tls;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.posthorn.testkit.SettableClock;
import org.slf4j.LoggerFactory;

class CertificateWatchTest {
  private final Logger logger = (Logger) LoggerFactory.getLogger(CertificateWatch.class);
  private final ListAppender<ILoggingEvent> warnings = new ListAppender<>();
  private final SettableClock clock = new SettableClock(TestCertificates.NOW);

  @BeforeEach
  void listen() {
    warnings.start();
    logger.addAppender(warnings);
  }

  @AfterEach
  void stopListening() {
    logger.detachAppender(warnings);
  }

  @Test
  void warnsWhenSomethingBeginsToBeWrongAndOnceADayFromThenOn() throws Exception {
    var tls = new ServerTls(TestCertificates.settings(TestCertificates.files("rsa")), clock, new Random(1));
    var end = tls.states().getFirst().notAfter();
    try (var watch = new CertificateWatch(tls, clock)) {
      clock.set(end.minus(Duration.ofDays(20)));
      watch.look();
      assertThat(warnings.list).isEmpty();
      clock.set(end.minus(Duration.ofDays(9)).minusSeconds(60));
      for (int i = 0; i < 100; i++) {
        watch.look();
      }
      assertThat(warnings.list).hasSize(1);
      for (int hour = 0; hour < 48; hour++) {
        clock.set(clock.instant().plus(Duration.ofHours(1)));
        watch.look();
      }
      assertThat(warnings.list).hasSize(3)
          .extracting(event -> event.getKeyValuePairs().toString())
          .allMatch(text -> text.contains("expires in"));
      assertThat(warnings.list.getFirst().getKeyValuePairs().toString()).contains(Path.of("rsa.pem").toString());
    }
  }
}
