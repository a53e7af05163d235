package org.posthorn.daemon.inbound;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import org.junit.jupiter.api.Test;
import org.posthorn.daemon.inbound.ListenerSettings.Kind;
import org.slf4j.LoggerFactory;

/** Once a message is in the spool its client hears so, whatever bug we have behind that: else it would send it again. */
class IntakeTest {
  private static final String MAIL = "EHLO x\nMAIL FROM:<a@x.example>\nRCPT TO:<alice@example.org>\nDATA\nSubject: x\n\ny\n.\n";

  private final Inbound inbound = new Inbound();

  /** Fails as a bug in a line of the log does. */
  private static final class Broken extends AppenderBase<ILoggingEvent> {
    @Override
    public synchronized void doAppend(ILoggingEvent event) {
      if (event.getMessage().equals("accepted")) {
        throw new IllegalStateException("a bug");
      }
    }

    @Override
    protected void append(ILoggingEvent event) {
      // nothing comes here
    }
  }

  @Test
  void takesWhatCannotBeLogged() {
    var logger = (Logger) LoggerFactory.getLogger(Intake.class);
    var before = logger.getLevel();
    var broken = new Broken();
    logger.setLevel(Level.INFO);
    logger.addAppender(broken);
    try {
      assertThat(send()).contains("250 2.0.0 Queued");
    } finally {
      logger.detachAppender(broken);
      logger.setLevel(before);
    }
    assertThat(inbound.accepted).as("what goes on to the queue").hasSize(1);
    assertThat(inbound.counters.at(Kind.MX).messages()).isOne();
  }

  @Test
  void takesWhatCannotBeHandedOverNow() {
    inbound.breakDown(() -> {
      throw new IllegalStateException("a bug");
    });
    assertThat(send()).contains("250 2.0.0 Queued");
    assertThat(inbound.spool.message().text()).contains("Subject: x");
  }

  @Test
  void takesWhatAnErrorThatIsNoExceptionKeepsFromBeingHandedOver() {
    inbound.breakDown(() -> {
      throw new LinkageError("as the test wants it");
    });
    assertThat(send()).contains("250 2.0.0 Queued");
  }

  private String send() {
    return new SpokenSession(inbound, Inbound.settings(), SpokenSession.STRANGER).lines(MAIL);
  }
}
