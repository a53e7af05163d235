package org.posthorn.daemon.cli;

import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.posthorn.daemon.admin.AdminException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code posthorn queue resume}. */
@Command(name = "resume", description = {"Lets mail go to a destination again.",
    "What is due is tried at once; for the rest there is \"posthorn queue retry\"."})
final class QueueResumeCommand extends Helpful implements Callable<Integer> {
  private final Terminal terminal;

  @Mixin
  private DaemonOption daemon = new DaemonOption();

  @Parameters(paramLabel = "DESTINATION", description = "As it was paused.")
  private String destination = "";

  QueueResumeCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws AdminException {
    daemon.ask(terminal, "POST", "/queue/resume", Map.of("destination", List.of(destination)), Map.class);
    terminal.out().println("Mail to " + destination + " goes on.");
    return ExitCode.OK;
  }
}
