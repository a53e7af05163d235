package org.posthorn.daemon.cli;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.posthorn.daemon.admin.AdminException;
import org.posthorn.daemon.admin.BanView;
import org.posthorn.smtp.Printable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code posthorn bans}. */
@Command(name = "bans", description = {"Shows who cannot log in for having failed too often: client networks, and users"
    + " other than from where they have logged in before."})
final class BansCommand extends ViewCommand<BanView[]> {
  private static final String FORM = "%-45s  %s%n";

  @Mixin
  private DaemonOption daemon = new DaemonOption();

  @Option(names = "--release", paramLabel = "WHO", description = "Forgets the failures of a network or login.")
  private Optional<String> released = Optional.empty();

  BansCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  public Integer call() throws Exception {
    if (released.isEmpty()) {
      return super.call();
    }
    daemon.ask(terminal, "POST", "/bans/release", Map.of("who", List.of(released.get())), Map.class);
    terminal.out().println(Printable.of(released.get()) + " can log in again.");
    return ExitCode.OK;
  }

  @Override
  BanView[] look() throws AdminException {
    return daemon.ask(terminal, "GET", "/bans", Map.of(), BanView[].class);
  }

  @Override
  void show(BanView[] bans) {
    terminal.out().printf(Locale.ROOT, FORM, "WHO", "FOR");
    for (var ban : bans) {
      terminal.out()
          .printf(Locale.ROOT, FORM, Printable.of(ban.who()),
              Age.of(Duration.between(terminal.clock().instant(), ban.until())));
    }
  }
}
