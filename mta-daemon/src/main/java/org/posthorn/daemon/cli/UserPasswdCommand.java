package org.posthorn.daemon.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import org.posthorn.daemon.config.ConfigException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code posthorn user passwd}. */
@Command(name = "passwd", description = {"Changes a password, which is asked for, or read from standard input.",
    "Sessions that are logged in stay so."})
final class UserPasswdCommand extends Helpful implements Callable<Integer> {
  private final Terminal terminal;

  @Mixin
  private UsersOption users = new UsersOption();

  @Mixin
  private NewSecrets secrets = new NewSecrets();

  @Parameters(paramLabel = "LOGIN", description = "The user.")
  private String login = "";

  UserPasswdCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException, ConfigException {
    var name = UsersOption.find(users.file(terminal), login).login();
    var kept = secrets.ask(terminal, name);
    users.change(terminal, name, account -> account.withSecrets(kept));
    terminal.out().println("The password of " + name + " is changed.");
    return ExitCode.OK;
  }
}
