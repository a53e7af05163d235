package org.posthorn.daemon.cli;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code posthorn queue cat}. */
@Command(name = "cat", description = "Prints the content of a message, as it will be sent.")
final class QueueCatCommand extends Helpful implements Callable<Integer> {
  private final Terminal terminal;

  @Mixin
  private DaemonOption daemon = new DaemonOption();

  @Parameters(paramLabel = "ID", description = "The message.")
  private String id = "";

  QueueCatCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    try (var content = daemon.ask(terminal, "GET", "/queue/" + IdText.of(id) + "/content", Map.of())) {
      content.transferTo(terminal.out());
    }
    return ExitCode.OK;
  }
}
