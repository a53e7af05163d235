package org.posthorn.daemon.cli;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.posthorn.daemon.admin.AdminException;
import org.posthorn.daemon.admin.StatusView;
import org.posthorn.daemon.config.Quantity;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code posthorn stop}. */
@Command(name = "stop", description = {"Stops the daemon, and waits for it to end.",
    "It takes no new mail, and running transactions finish or are cut at a bound; nothing is lost."})
final class StopCommand extends Helpful implements Callable<Integer> {
  private final Terminal terminal;

  @Mixin
  private DaemonOption daemon = new DaemonOption();

  @Option(names = "--wait", paramLabel = "DURATION", defaultValue = "60s", description = "How long to wait for its end."
      + " Default: ${DEFAULT-VALUE}.")
  private String patience = "60s";

  StopCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws AdminException, InterruptedException {
    Duration limit = Quantity.duration(patience)
        .orElseThrow(() -> Failure.usage("--wait must be a duration such as 60s, not \"" + patience + "\""));
    long pid = daemon.ask(terminal, "GET", "/status", Map.of(), StatusView.class).daemon().pid();
    var process = ProcessHandle.of(pid);
    request();
    if (process.isEmpty()) {
      terminal.out().println("Stopped.");
      return ExitCode.OK;
    }
    return await(process.get(), limit);
  }

  /** Asks it to stop. It may end before its answer is on the way, so only a refusal counts. */
  private void request() throws AdminException {
    try {
      daemon.ask(terminal, "POST", "/stop", Map.of(), Map.class);
    } catch (AdminException e) {
      if (e.getCause() == null) {
        throw e;
      }
    }
  }

  private int await(ProcessHandle process, Duration limit) throws InterruptedException {
    if (process.pid() == ProcessHandle.current().pid()) {
      return ExitCode.OK;
    }
    try {
      process.onExit().get(limit.toMillis(), TimeUnit.MILLISECONDS);
      terminal.out().println("Stopped.");
      return ExitCode.OK;
    } catch (ExecutionException | TimeoutException _) {
      terminal.complain("process " + process.pid() + " is still finishing what is under way");
      return ExitCode.FAILED;
    }
  }
}
