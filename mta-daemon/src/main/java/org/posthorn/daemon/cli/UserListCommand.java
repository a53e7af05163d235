package org.posthorn.daemon.cli;

import java.io.IOException;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.posthorn.daemon.admin.Json;
import org.posthorn.daemon.config.ConfigException;
import org.posthorn.smtp.Printable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code posthorn user list}. */
@Command(name = "list", description = "Lists who may log in.")
final class UserListCommand extends Helpful implements Callable<Integer> {
  private static final String FORM = "%-32s  %-8s  %-24s  %s%n";

  private final Terminal terminal;

  @Mixin
  private UsersOption users = new UsersOption();

  @Option(names = "--json", description = "As JSON.")
  private boolean isJson;

  UserListCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException, ConfigException {
    var all = users.file(terminal).read().all().stream().map(UserView::of).toList();
    if (isJson) {
      terminal.out().println(Json.pretty(all));
      return ExitCode.OK;
    }
    terminal.out().printf(Locale.ROOT, FORM, "LOGIN", "STATE", "SECRETS", "SENDS AS");
    for (var user : all) {
      terminal.out()
          .printf(Locale.ROOT, FORM, Printable.of(user.login()), user.enabled() ? "enabled" : "disabled",
              user.provesBy(), Printable.of(user.sendsAs()));
    }
    return ExitCode.OK;
  }
}
