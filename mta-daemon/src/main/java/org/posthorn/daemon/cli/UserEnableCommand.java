package org.posthorn.daemon.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import org.posthorn.daemon.config.ConfigException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;

/** {@code posthorn user enable} and {@code disable}. */
@Command
final class UserEnableCommand extends Helpful implements Callable<Integer> {
  private final Terminal terminal;
  private final boolean enabled;

  @Mixin
  private UsersOption users = new UsersOption();

  @Parameters(paramLabel = "LOGIN", description = "The user.")
  private String login = "";

  private UserEnableCommand(Terminal terminal, boolean enabled) {
    this.terminal = terminal;
    this.enabled = enabled;
  }

  static CommandLine of(Terminal terminal, boolean enabled) {
    var spec = CommandSpec.forAnnotatedObject(new UserEnableCommand(terminal, enabled))
        .name(enabled ? "enable" : "disable");
    spec.usageMessage()
        .description(enabled ? "Lets a user log in again." : "Keeps a user from logging in, and all else as it is.");
    return new CommandLine(spec);
  }

  @Override
  public Integer call() throws IOException, ConfigException {
    var name = UsersOption.find(users.file(terminal), login).login();
    users.change(terminal, name, account -> account.withEnabled(enabled));
    terminal.out().println("User " + name + (enabled ? " can log in." : " cannot log in any more."));
    return ExitCode.OK;
  }
}
