package org.posthorn.daemon.cli;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import org.posthorn.daemon.auth.Account;
import org.posthorn.daemon.auth.AddressPattern;
import org.posthorn.daemon.auth.Secret;
import org.posthorn.daemon.config.ConfigException;
import org.posthorn.daemon.quota.SendingLimits;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code posthorn user add}. */
@Command(name = "add", description = {"Adds a user; the password is asked for, or read from standard input."})
final class UserAddCommand extends Helpful implements Callable<Integer> {
  private final Terminal terminal;

  @Mixin
  private UsersOption users = new UsersOption();

  @Mixin
  private NewSecrets secrets = new NewSecrets();

  @Parameters(paramLabel = "LOGIN", description = "The name to log in with; mostly the user's address.")
  private String login = "";

  @Option(names = "--address", paramLabel = "ADDRESS", split = ",", description = {
      "What the user may send as: an address, @example.org for a domain, or * for all. Default: the login, or the login at"
          + " each local domain."})
  private List<String> addresses = List.of();

  @Option(names = "--act-as", paramLabel = "LOGIN", split = ",", description = "Another user whose rights this one may"
      + " take by naming it as authorization identity; * for any.")
  private List<String> actAs = List.of();

  @Option(names = "--certificate", paramLabel = "FINGERPRINT", split = ",", description = "The SHA-256 fingerprint of a"
      + " client certificate that proves this login.")
  private List<String> certificates = List.of();

  @Option(names = "--no-password", description = "The user logs in with a certificate only.")
  private boolean isWithoutPassword;

  UserAddCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException, ConfigException {
    var file = users.file(terminal);
    var name = UsersOption.login(login);
    if (file.read().find(name).isPresent()) { // nobody need think of a password then
      throw isThere(name);
    }
    var patterns = addresses.stream().map(UserAddCommand::pattern).toList();
    var kept = isWithoutPassword ? List.<Secret>of() : secrets.ask(terminal, name);
    if (!users.editor(terminal)
        .add(new Account(name, kept, certificates, patterns, actAs.stream().map(UserAddCommand::other).toList(),
            SendingLimits.NONE, true))) {
      throw isThere(name);
    }
    terminal.out().println("User " + name + " can log in from now on.");
    return ExitCode.OK;
  }

  private static Failure isThere(String name) {
    return Failure.of("there is a user " + name + " already; posthorn user passwd changes the password");
  }

  private static AddressPattern pattern(String text) {
    return AddressPattern.parse(text)
        .orElseThrow(() -> Failure.usage("not an address, a domain such as @example.org, or *: \"" + text + "\""));
  }

  private static String other(String text) {
    return text.equals("*") ? text : UsersOption.login(text);
  }
}
