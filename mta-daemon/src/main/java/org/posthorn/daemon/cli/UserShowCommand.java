package org.posthorn.daemon.cli;

import java.io.IOException;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.posthorn.daemon.admin.UsageView;
import org.posthorn.daemon.config.ConfigException;
import org.posthorn.smtp.Printable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code posthorn user show}. */
@Command(name = "show", description = {
    "Shows one user, and what it has sent within an hour and a day if it has limits, and what waits until a time that it set."})
final class UserShowCommand extends ViewCommand<UserView> {
  @Mixin
  private UsersOption users = new UsersOption();

  @Parameters(paramLabel = "LOGIN", description = "The user.")
  private String login = "";

  UserShowCommand(Terminal terminal) {
    super(terminal);
  }

  private Optional<UsageView> usage(String name) {
    return users.askDaemon(terminal, "/limits", UsageView[].class)
        .flatMap(all -> Stream.of(all).filter(usage -> usage.who().equals(name)).findFirst());
  }

  @Override
  UserView look() throws IOException, ConfigException {
    return UserView.of(UsersOption.find(users.file(terminal), login));
  }

  @Override
  void show(UserView user) {
    var out = terminal.out();
    out.println(Printable.of(user.login()) + (user.enabled() ? ", enabled" : ", disabled"));
    out.println("secrets      " + user.provesBy());
    out.println("sends as     " + Printable.of(user.sendsAs()));
    if (!user.actAs().isEmpty()) {
      out.println("may act as   " + Printable.of(String.join(" ", user.actAs())));
    }
    usage(user.login()).ifPresent(usage -> usage.used()
        .forEach((limit, number) -> out.printf(Locale.ROOT, "%-26s  %d%n", limit, number)));
    user.certificates().forEach(certificate -> out.println("certificate  " + certificate));
  }
}
