package org.posthorn.daemon.cli;

import java.util.Map;
import java.util.concurrent.Callable;
import org.posthorn.daemon.admin.AdminException;
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
    daemon.ask(terminal, "POST", "/reload", Map.of(), Map.class);
    terminal.out().println("The settings are in force.");
    return ExitCode.OK;
  }
}
