package org.posthorn.daemon.cli;

import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.posthorn.daemon.admin.Json;
import org.posthorn.daemon.admin.UsageView;
import org.posthorn.daemon.config.ConfigException;
import org.posthorn.smtp.Printable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code posthorn user show}. */
@Command(name = "show", description = {
    "Shows one user, and what it has sent within an hour and a day if it has limits, and what waits until a time that it set."})
final class UserShowCommand extends Helpful implements Callable<Integer> {
  private final Terminal terminal;

  @Mixin
  private UsersOption users = new UsersOption();

  @Parameters(paramLabel = "LOGIN", description = "The user.")
  private String login = "";

  @Option(names = "--json", description = "As JSON.")
  private boolean isJson;

  UserShowCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  private Optional<UsageView> usage(String name) {
    return users.askDaemon(terminal, "/limits", UsageView[].class)
        .flatMap(all -> Stream.of(all).filter(usage -> usage.who().equals(name)).findFirst());
  }

  @Override
  public Integer call() throws IOException, ConfigException {
    var user = UserView.of(UsersOption.find(users.file(terminal), login));
    var out = terminal.out();
    if (isJson) {
      out.println(Json.pretty(user));
      return ExitCode.OK;
    }
    out.println(Printable.of(user.login()) + (user.enabled() ? ", enabled" : ", disabled"));
    out.println("secrets      " + user.provesBy());
    out.println("sends as     " + Printable.of(user.sendsAs()));
    if (!user.actAs().isEmpty()) {
      out.println("may act as   " + Printable.of(String.join(" ", user.actAs())));
    }
    usage(user.login()).ifPresent(usage -> usage.used()
        .forEach((limit, number) -> out.println("%-26s  %d".formatted(limit, number))));
    user.certificates().forEach(certificate -> out.println("certificate  " + certificate));
    return ExitCode.OK;
  }
}
