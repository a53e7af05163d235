package org.posthorn.daemon.cli;

import java.util.Map;
import java.util.concurrent.Callable;
import org.posthorn.daemon.admin.AdminException;
import org.posthorn.daemon.admin.Reloaded;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code posthorn reload}. */
@Command(name = "reload", description = {"Puts changed settings in force, without dropping a connection.",
    "When something is wrong with them, says what, and the daemon goes on as it is."})
final class ReloadCommand extends Helpful implements Callable<Integer> {
  private final Terminal terminal;

  @Mixin
  private DaemonOption daemon = new DaemonOption();

  ReloadCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws AdminException {
    var later = daemon.ask(terminal, "POST", "/reload", Map.of(), Reloaded.class).untilRestart();
    terminal.out()
        .println(later.isEmpty()
            ? "The settings are in force."
            : "The settings are in force, but for what takes effect at the next start: " + String.join(", ", later)
                + ".");
    return ExitCode.OK;
  }
}
