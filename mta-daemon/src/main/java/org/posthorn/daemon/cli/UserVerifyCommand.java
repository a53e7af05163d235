package org.posthorn.daemon.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import org.posthorn.daemon.auth.Prepared;
import org.posthorn.daemon.config.ConfigException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code posthorn user verify}. */
@Command(name = "verify", description = {
    "Says whether a password, which is asked for or read from standard input, is right.",
    "Exits with 0 when it is and the user is enabled, else with 1."})
final class UserVerifyCommand extends Helpful implements Callable<Integer> {
  private final Terminal terminal;

  @Mixin
  private UsersOption users = new UsersOption();

  @Parameters(paramLabel = "LOGIN", description = "The user.")
  private String login = "";

  UserVerifyCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException, ConfigException {
    var account = UsersOption.find(users.file(terminal), login);
    var password = Prepared.password(terminal.readPassword("Password for " + account.login(), false));
    for (var secret : account.secrets()) {
      boolean fits = password.isPresent() && secret.isOf(password.get());
      terminal.out().println(secret.kind() + ": " + (fits ? "right" : "wrong"));
      if (!fits) {
        return ExitCode.FAILED;
      }
    }
    if (!account.enabled()) {
      throw Failure.of("the user is disabled");
    }
    return account.secrets().isEmpty() ? ExitCode.FAILED : ExitCode.OK;
  }
}
