package org.posthorn.daemon.cli;

import org.posthorn.daemon.tls.CredentialException;
import org.posthorn.daemon.tls.ServerTls;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code posthorn check}. */
@Command(name = "check", description = {
    "Reads the settings and says what is wrong with them, without starting anything, and whether the daemon can write its data and its log.",
    "Exits with 2 when something is wrong; each problem is a line that begins with file, line and column."})
final class CheckCommand extends Helpful implements Runnable {
  private final Terminal terminal;

  @Mixin
  private SettingsOption settings = new SettingsOption();

  CheckCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public void run() {
    var configuration = settings.check(terminal);
    try {
      for (var certificate : ServerTls.check(configuration.tls(), terminal.clock().instant())) {
        certificate.problems().forEach(problem -> terminal.out().println(certificate.source() + ": " + problem));
      }
    } catch (CredentialException e) {
      throw Failure.usage(settings.source(terminal) + ": " + e.getMessage());
    }
    terminal.out().println(settings.source(terminal) + ": ok");
  }
}
