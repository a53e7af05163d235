package org.posthorn.daemon.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.concurrent.Callable;
import org.posthorn.daemon.admin.AdminClient;
import org.posthorn.daemon.admin.AdminException;
import org.posthorn.daemon.config.Configuration;
import org.posthorn.daemon.config.Reason;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code posthorn queue rebuild}. */
@Command(name = "rebuild", description = {
    "Puts the index of the queue aside, so that the next start makes a new one from"
        + " the spool.",
    "The daemon must not run. No mail is lost; what is lost is how often it was tried."})
final class QueueRebuildCommand extends Helpful implements Callable<Integer> {
  private static final String INDEX = "index.mv.db";

  private final Terminal terminal;

  @Mixin
  private SettingsOption settings = new SettingsOption();

  QueueRebuildCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    Configuration configuration = settings.read(terminal);
    if (isRunning(configuration)) {
      throw Failure.of("the daemon runs and uses the index; stop it first (posthorn stop)");
    }
    Path index = configuration.dataDirectory().resolve(INDEX);
    Path aside = configuration.dataDirectory().resolve(INDEX + ".old");
    try {
      Files.move(index, aside, StandardCopyOption.REPLACE_EXISTING);
    } catch (NoSuchFileException _) {
      terminal.out().println("There is no index; the next start makes one.");
      return ExitCode.OK;
    } catch (IOException e) {
      throw Failure.of("cannot move " + index + ": " + Reason.of(e));
    }
    terminal.out().println("The index is now " + aside + "; the next start makes a new one from the spool.");
    return ExitCode.OK;
  }

  private static boolean isRunning(Configuration configuration) {
    try (var _ = new AdminClient(configuration.admin().socket()).ask("GET", "/status", Map.of())) {
      return true;
    } catch (AdminException e) {
      return e.getCause() == null; // it answered, if only with an error
    } catch (IOException _) {
      return true;
    }
  }
}
