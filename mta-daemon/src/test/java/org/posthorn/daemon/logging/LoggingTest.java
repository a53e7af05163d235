package org.posthorn.daemon.logging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthorn.daemon.config.Configuration.Log;
import org.posthorn.daemon.config.Configuration.LogFormat;
import org.posthorn.daemon.config.Configuration.LogLevel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

class LoggingTest {
  private static final Logger LOG = LoggerFactory.getLogger(LoggingTest.class);

  @TempDir
  private Path directory;

  @Test
  void writesToTheFileAndGoesOnInANewOneAfterARotation() throws Exception {
    var file = directory.resolve("posthorn.log");
    try (var logging = Logging.start(settings(file, LogLevel.INFO))) {
      LOG.atInfo().addKeyValue("id", "1").log("accepted");
      LOG.atDebug().log("dialogue");
      Files.move(file, directory.resolve("posthorn.log.1"));
      logging.reload(settings(file, LogLevel.INFO));
      LOG.atInfo().addKeyValue("id", "2").log("accepted");
    }
    assertThat(Files.readAllLines(directory.resolve("posthorn.log.1"))).singleElement()
        .asString()
        .endsWith("accepted id=1");
    assertThat(Files.readAllLines(file)).singleElement().asString().endsWith("accepted id=2");
  }

  @Test
  void takesOverAnotherLevelAndFile() throws Exception {
    try (var logging = Logging.start(settings(directory.resolve("a"), LogLevel.ERROR))) {
      LOG.atInfo().log("one");
      logging.reload(settings(directory.resolve("b"), LogLevel.DEBUG));
      LOG.atDebug().log("two");
    }
    assertThat(directory.resolve("a")).isEmptyFile();
    assertThat(Files.readString(directory.resolve("b"))).endsWith("debug two\n");
  }

  @Test
  void keepsTheOldLogWhenTheNewCannotBeWritten() throws Exception {
    var file = directory.resolve("log");
    try (var logging = Logging.start(settings(file, LogLevel.INFO))) {
      assertThatThrownBy(() -> logging.reload(settings(directory.resolve("no/such/log"), LogLevel.INFO)))
          .isInstanceOf(IOException.class);
      LOG.atInfo().log("still here");
    }
    assertThat(Files.readString(file)).endsWith("still here\n");
  }

  private static Log settings(Path file, LogLevel level) {
    return new Log(LogFormat.TEXT, Optional.of(file), level);
  }
}
