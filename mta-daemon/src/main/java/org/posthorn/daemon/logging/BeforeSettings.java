package org.posthorn.daemon.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.core.spi.ContextAwareBase;
import java.io.IOException;

/**
 * The log until the settings are read, and of every command but {@code run}: warnings, to standard error. Logback finds
 * it by its name in {@code META-INF/services}.
 */
public final class BeforeSettings extends ContextAwareBase implements Configurator {
  @Override
  public ExecutionStatus configure(LoggerContext context) {
    var root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    root.setLevel(Level.WARN);
    try {
      var appender = new LineAppender(new TextLine(TextLine.Reader.ANYONE), StandardStream::err);
      appender.setContext(context);
      appender.start();
      root.addAppender(appender);
    } catch (IOException e) {
      addError("standard error cannot be opened", e);
    }
    return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
  }
}
