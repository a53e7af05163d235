package org.posthorn.daemon.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import org.posthorn.daemon.admin.Json;
import org.posthorn.daemon.admin.MessageView;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code posthorn queue list}. */
@Command(name = "list", description = {
    "Lists the messages that wait: age, size, sender, and for each recipient its state,"
        + " attempts, next try and the last reply."})
final class QueueListCommand extends Helpful implements Callable<Integer> {
  private final Terminal terminal;

  @Mixin
  private DaemonOption daemon = new DaemonOption();

  @Mixin
  private FilterOptions filter = new FilterOptions();

  @Option(names = "--json", description = "One JSON object a line for each message.")
  private boolean isJson;

  QueueListCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    var table = new QueueTable(terminal.out(), terminal.clock().instant());
    try (var lines = new BufferedReader(new InputStreamReader(daemon.ask(terminal, "GET", "/queue", filter.query()),
        StandardCharsets.UTF_8))) {
      for (var line = lines.readLine(); line != null; line = lines.readLine()) {
        if (isJson) {
          terminal.out().println(line);
        } else {
          table.add(Json.read(line.getBytes(StandardCharsets.UTF_8), MessageView.class));
        }
      }
    }
    if (!isJson) {
      table.end(filter.query().isEmpty() ? "Nothing waits." : "Nothing that waits matches.");
    }
    return ExitCode.OK;
  }
}
