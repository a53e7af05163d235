package org.posthorn.daemon.cli;

import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.posthorn.daemon.admin.AdminException;
import org.posthorn.daemon.admin.Json;
import org.posthorn.daemon.admin.RouteView;
import org.posthorn.smtp.Printable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code posthorn route}. */
@Command(name = "route", description = "Shows where mail for an address would go now, and why.")
final class RouteCommand extends Helpful implements Callable<Integer> {
  private final Terminal terminal;

  @Mixin
  private DaemonOption daemon = new DaemonOption();

  @Parameters(paramLabel = "ADDRESS", description = "A recipient.")
  private String address = "";

  @Option(names = "--json", description = "As JSON.")
  private boolean isJson;

  RouteCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws AdminException {
    var route = daemon.ask(terminal, "GET", "/route", Map.of("address", List.of(address)), RouteView.class);
    if (isJson) {
      terminal.out().println(Json.pretty(route));
    } else {
      show(route);
    }
    return route.targets().isEmpty() ? ExitCode.FAILED : ExitCode.OK;
  }

  private void show(RouteView route) {
    var out = terminal.out();
    out.println(route.address() + ": accepted from " + Printable.of(route.permission()));
    for (var target : route.targets()) {
      if (!target.address().equals(route.address())) {
        out.println("  alias   → " + Printable.of(target.address()));
      }
      out.println("  route   " + target.route() + ", because of " + target.why());
      target.servers().forEach(server -> out.println("  server  " + server));
      target.obstacles().forEach(obstacle -> out.println("  but     " + Printable.of(obstacle)));
    }
  }
}
