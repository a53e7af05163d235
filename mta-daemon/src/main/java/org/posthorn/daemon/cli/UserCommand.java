package org.posthorn.daemon.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code posthorn user}: who may log in. */
@Command(name = "user", synopsisSubcommandLabel = "COMMAND", description = {"Shows and changes who may log in.",
    "A change counts at the next login; the daemon need not run, and is not told."})
final class UserCommand extends Helpful {
  /** Returns the command with its subcommands. */
  static CommandLine of(Terminal terminal) {
    return new CommandLine(new UserCommand()).addSubcommand(new UserAddCommand(terminal))
        .addSubcommand(new UserPasswdCommand(terminal))
        .addSubcommand("enable", UserEnableCommand.of(terminal, true))
        .addSubcommand("disable", UserEnableCommand.of(terminal, false))
        .addSubcommand(new UserDeleteCommand(terminal))
        .addSubcommand(new UserListCommand(terminal))
        .addSubcommand(new UserShowCommand(terminal))
        .addSubcommand(new UserVerifyCommand(terminal));
  }
}
