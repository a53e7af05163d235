package org.posthorn.daemon.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.posthorn.daemon.config.Configuration.Log;
import org.posthorn.daemon.config.Configuration.LogLevel;
import org.slf4j.LoggerFactory;

/** The log of this process. One thread at a time changes it. */
public final class Logging implements AutoCloseable {
  private LineAppender appender;
  private Log settings;

  private Logging(Log settings) throws IOException {
    this.settings = settings;
    this.appender = appender(settings);
    putInForce();
  }

  /** Begins to log as {@code settings} say; throws IOException when the file cannot be written. */
  public static Logging start(Log settings) throws IOException {
    return new Logging(settings);
  }

  /**
   * Takes over new settings, and opens the file again, which a rotation may have renamed. When the new file cannot be
   * written, the log goes on as it was.
   */
  public void reload(Log changed) throws IOException {
    if (changed.equals(settings)) {
      appender.reopen();
      return;
    }
    appender = appender(changed);
    settings = changed;
    putInForce();
  }

  /** Writes what waits; what is logged afterwards is lost. */
  @Override
  public void close() {
    appender.stop();
  }

  private void putInForce() {
    var root = root();
    appender.setContext(root.getLoggerContext());
    appender.start();
    root.addAppender(appender);
    root.iteratorForAppenders().forEachRemaining(other -> {
      if (other != appender) {
        root.detachAppender(other);
        other.stop();
      }
    });
    root.setLevel(level(settings.level()));
    // Libraries speak only of what is wrong: their life is not the life of a message.
    root.getLoggerContext().getLogger("org.posthorn").setLevel(root.getLevel());
    if (settings.level() != LogLevel.ERROR) {
      root.setLevel(Level.WARN);
    }
  }

  private static LineAppender appender(Log settings) throws IOException {
    LineFormat format = switch (settings.format()) {
      case JSON -> new JsonLine();
      case TEXT ->
        new TextLine(settings.file().isEmpty() && isJournal() ? TextLine.Reader.JOURNAL : TextLine.Reader.ANYONE);
    };
    Optional<Path> file = settings.file();
    return new LineAppender(format, () -> file.isPresent() ? openFile(file.get()) : StandardStream.out());
  }

  private static OutputStream openFile(Path file) throws IOException {
    return Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  /** Whether standard output leads to the journal: its device and inode are in the environment (systemd.exec(5)). */
  private static boolean isJournal() {
    var stream = System.getenv("JOURNAL_STREAM");
    try {
      var stdout = Path.of("/proc/self/fd/1");
      return stream != null
          && stream.equals(Files.getAttribute(stdout, "unix:dev") + ":" + Files.getAttribute(stdout, "unix:ino"));
    } catch (IOException | UnsupportedOperationException _) {
      return false;
    }
  }

  static Level level(LogLevel level) {
    return switch (level) {
      case ERROR -> Level.ERROR;
      case WARN -> Level.WARN;
      case INFO -> Level.INFO;
      case DEBUG -> Level.DEBUG;
    };
  }

  private static Logger root() {
    return ((LoggerContext) LoggerFactory.getILoggerFactory()).getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
  }
}
