package org.posthorn.daemon.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code posthorn run}. */
@Command(name = "run", description = {"Runs the daemon in the foreground.",
    "Without settings it listens on 127.0.0.1:2525 and keeps everything in the directory ./data. SIGTERM or \"posthorn stop\" ends it"
        + " once running transactions have ended; SIGHUP or \"posthorn reload\" puts changed settings in force."})
final class RunCommand extends Helpful implements Callable<Integer> {
  private final Terminal terminal;
  private final DaemonRun daemon;

  @Mixin
  private SettingsOption settings = new SettingsOption();

  RunCommand(Terminal terminal, DaemonRun daemon) {
    this.terminal = terminal;
    this.daemon = daemon;
  }

  @Override
  public Integer call() throws Exception {
    return daemon.run(settings.read(terminal), settings.source(terminal));
  }
}
