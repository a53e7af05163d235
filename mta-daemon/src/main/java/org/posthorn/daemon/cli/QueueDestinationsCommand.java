package org.posthorn.daemon.cli;

import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.posthorn.daemon.admin.AdminException;
import org.posthorn.daemon.admin.DestinationView;
import org.posthorn.daemon.admin.Json;
import org.posthorn.smtp.Printable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code posthorn queue destinations}. */
@Command(name = "destinations", description = "Shows how each destination fares that mail waits for.")
final class QueueDestinationsCommand extends Helpful implements Callable<Integer> {
  private static final String FORM = "%-40s  %-11s  %7s  %7s  %s%n";

  private final Terminal terminal;

  @Mixin
  private DaemonOption daemon = new DaemonOption();

  @Option(names = "--json", description = "As JSON.")
  private boolean isJson;

  QueueDestinationsCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws AdminException {
    var destinations = daemon.ask(terminal, "GET", "/queue/destinations", Map.of(), DestinationView[].class);
    if (isJson) {
      terminal.out().println(Json.pretty(destinations));
      return ExitCode.OK;
    }
    terminal.out().printf(Locale.ROOT, FORM, "DESTINATION", "STATE", "WAITING", "ACTIVE", "WHY");
    for (var destination : destinations) {
      terminal.out()
          .printf(Locale.ROOT, FORM, Printable.of(destination.name()), destination.state(),
              destination.waiting(), destination.active() + "/" + destination.limit(), why(destination));
    }
    return ExitCode.OK;
  }

  private String why(DestinationView destination) {
    var until = destination.until()
        .map(end -> "for " + Age.of(Duration.between(terminal.clock().instant(), end)) + " more: ")
        .orElse("");
    return until + Printable.of(destination.reason().orElse(""));
  }
}
