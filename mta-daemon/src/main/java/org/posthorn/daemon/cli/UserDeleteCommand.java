package org.posthorn.daemon.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import org.posthorn.daemon.config.ConfigException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code posthorn user delete}. */
@Command(name = "delete", description = "Removes a user. The mailbox, if there is one, stays.")
final class UserDeleteCommand extends Helpful implements Callable<Integer> {
  private final Terminal terminal;

  @Mixin
  private UsersOption users = new UsersOption();

  @Parameters(paramLabel = "LOGIN", description = "The user.")
  private String login = "";

  UserDeleteCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException, ConfigException {
    var file = users.file(terminal);
    var name = UsersOption.find(file, login).login();
    if (!users.editor(terminal).remove(name)) {
      throw UsersOption.nobody(file, name);
    }
    terminal.out().println("User " + name + " is gone.");
    return ExitCode.OK;
  }
}
