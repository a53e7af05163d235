package org.posthorn.daemon.cli;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import org.posthorn.daemon.config.ConfigException;
import org.posthorn.smtp.Printable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code posthorn user list}. */
@Command(name = "list", description = "Lists who may log in.")
final class UserListCommand extends ViewCommand<List<UserView>> {
  private static final String FORM = "%-32s  %-8s  %-24s  %s%n";

  @Mixin
  private UsersOption users = new UsersOption();

  UserListCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  List<UserView> look() throws IOException, ConfigException {
    return users.file(terminal).read().all().stream().map(UserView::of).toList();
  }

  @Override
  void show(List<UserView> all) {
    terminal.out().printf(Locale.ROOT, FORM, "LOGIN", "STATE", "SECRETS", "SENDS AS");
    for (var user : all) {
      terminal.out()
          .printf(Locale.ROOT, FORM, Printable.of(user.login()), user.enabled() ? "enabled" : "disabled",
              user.provesBy(), Printable.of(user.sendsAs()));
    }
  }
}
