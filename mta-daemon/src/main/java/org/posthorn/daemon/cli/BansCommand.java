package org.posthorn.daemon.cli;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.posthorn.daemon.admin.AdminException;
import org.posthorn.daemon.admin.BanView;
import org.posthorn.daemon.admin.Json;
import org.posthorn.smtp.Printable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code posthorn bans}. */
@Command(name = "bans", description = {"Shows who cannot log in for having failed too often: client networks, and users"
    + " other than from where they have logged in before."})
final class BansCommand extends Helpful implements Callable<Integer> {
  private static final String FORM = "%-45s  %s%n";

  private final Terminal terminal;

  @Mixin
  private DaemonOption daemon = new DaemonOption();

  @Option(names = "--release", paramLabel = "WHO", description = "Forgets the failures of a network or login.")
  private Optional<String> released = Optional.empty();

  @Option(names = "--json", description = "As JSON.")
  private boolean isJson;

  BansCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws AdminException {
    if (released.isPresent()) {
      daemon.ask(terminal, "POST", "/bans/release", Map.of("who", List.of(released.get())), Map.class);
      terminal.out().println(Printable.of(released.get()) + " can log in again.");
      return ExitCode.OK;
    }
    var bans = daemon.ask(terminal, "GET", "/bans", Map.of(), BanView[].class);
    if (isJson) {
      terminal.out().println(Json.pretty(bans));
      return ExitCode.OK;
    }
    terminal.out().printf(Locale.ROOT, FORM, "WHO", "FOR");
    for (var ban : bans) {
      terminal.out()
          .printf(Locale.ROOT, FORM, Printable.of(ban.who()),
              Age.of(Duration.between(terminal.clock().instant(), ban.until())));
    }
    return ExitCode.OK;
  }
}
