package org.posthorn.daemon.cli;

import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code posthorn queue}: what waits, and what to do with it. */
@Command(name = "queue", synopsisSubcommandLabel = "COMMAND", description = "Shows what waits, and acts on it.")
final class QueueCommand extends Helpful implements Runnable {
  @Spec
  private Optional<CommandSpec> spec = Optional.empty();

  /** Returns the command with its subcommands. */
  static CommandLine of(Terminal terminal) {
    var queue = new CommandLine(new QueueCommand()).addSubcommand(new QueueListCommand(terminal))
        .addSubcommand(new QueueShowCommand(terminal))
        .addSubcommand(new QueueCatCommand(terminal));
    for (var action : QueueActCommand.Action.values()) {
      var spec = CommandSpec.forAnnotatedObject(new QueueActCommand(terminal, action)).name(action.verb());
      spec.usageMessage().description(action.description());
      queue.addSubcommand(action.verb(), new CommandLine(spec));
    }
    return queue.addSubcommand(new QueueDestinationsCommand(terminal))
        .addSubcommand(new QueuePauseCommand(terminal))
        .addSubcommand(new QueueResumeCommand(terminal))
        .addSubcommand(new QueueRebuildCommand(terminal));
  }

  @Override
  public void run() {
    spec.ifPresent(known -> {
      throw new ParameterException(known.commandLine(), "which command? " + String.join(", ",
          known.subcommands().keySet()));
    });
  }
}
