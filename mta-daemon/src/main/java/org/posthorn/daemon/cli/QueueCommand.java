package org.posthorn.daemon.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;

/** {@code posthorn queue}: what waits, and what to do with it. */
@Command(name = "queue", synopsisSubcommandLabel = "COMMAND", description = "Shows what waits, and acts on it.")
final class QueueCommand extends Helpful {
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
}
