package org.posthorn.daemon.cli;

import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import org.posthorn.daemon.admin.AdminException;
import org.posthorn.daemon.admin.DestinationView;
import org.posthorn.smtp.Printable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code posthorn queue destinations}. */
@Command(name = "destinations", description = "Shows how each destination fares that mail waits for.")
final class QueueDestinationsCommand extends ViewCommand<DestinationView[]> {
  private static final String FORM = "%-40s  %-11s  %7s  %7s  %s%n";

  @Mixin
  private DaemonOption daemon = new DaemonOption();

  QueueDestinationsCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  DestinationView[] look() throws AdminException {
    return daemon.ask(terminal, "GET", "/queue/destinations", Map.of(), DestinationView[].class);
  }

  @Override
  void show(DestinationView[] destinations) {
    terminal.out().printf(Locale.ROOT, FORM, "DESTINATION", "STATE", "WAITING", "ACTIVE", "WHY");
    for (var destination : destinations) {
      terminal.out()
          .printf(Locale.ROOT, FORM, Printable.of(destination.name()), destination.state(),
              destination.waiting(), destination.active() + "/" + destination.limit(), why(destination));
    }
  }

  private String why(DestinationView destination) {
    var until = destination.until()
        .map(end -> "for " + Age.of(Duration.between(terminal.clock().instant(), end)) + " more: ")
        .orElse("");
    return until + Printable.of(destination.reason().orElse(""));
  }
}
