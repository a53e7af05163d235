package org.posthorn.daemon.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.posthorn.daemon.admin.AdminException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code posthorn queue pause}. */
@Command(name = "pause", description = {"Stops all mail to a destination, which outlasts a restart.",
    "What waits neither expires nor is reported as late meanwhile."})
final class QueuePauseCommand extends Helpful implements Callable<Integer> {
  private final Terminal terminal;

  @Mixin
  private DaemonOption daemon = new DaemonOption();

  @Parameters(paramLabel = "DESTINATION", description = "As \"posthorn queue destinations\" names it, such as"
      + " example.org.")
  private String destination = "";

  @Option(names = "--for", paramLabel = "DURATION", description = "How long. Default: until it is resumed.")
  private Optional<String> length = Optional.empty();

  @Option(names = "--reason", paramLabel = "TEXT", description = "Why, for whoever looks later.")
  private Optional<String> reason = Optional.empty();

  QueuePauseCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws AdminException {
    var query = new LinkedHashMap<String, List<String>>();
    query.put("destination", List.of(destination));
    length.ifPresent(value -> query.put("for", List.of(value)));
    reason.ifPresent(value -> query.put("reason", List.of(value)));
    var answer = daemon.ask(terminal, "POST", "/queue/pause", query, Map.class);
    terminal.out().println("Mail to " + destination + " waits" + length.map(value -> " for " + value).orElse("") + ".");
    if (Boolean.FALSE.equals(answer.get("known"))) {
      terminal.complain("no mail is known that goes to " + destination
          + "; \"posthorn queue destinations\" and \"posthorn route\" tell the names");
    }
    return ExitCode.OK;
  }
}
