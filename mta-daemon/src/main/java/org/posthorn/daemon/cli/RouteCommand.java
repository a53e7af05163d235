package org.posthorn.daemon.cli;

import java.util.List;
import java.util.Map;
import org.posthorn.daemon.admin.AdminException;
import org.posthorn.daemon.admin.RouteView;
import org.posthorn.smtp.Printable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code posthorn route}. */
@Command(name = "route", description = "Shows where mail for an address would go now, and why.")
final class RouteCommand extends ViewCommand<RouteView> {
  @Mixin
  private DaemonOption daemon = new DaemonOption();

  @Parameters(paramLabel = "ADDRESS", description = "A recipient.")
  private String address = "";

  RouteCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  RouteView look() throws AdminException {
    return daemon.ask(terminal, "GET", "/route", Map.of("address", List.of(address)), RouteView.class);
  }

  @Override
  int exitCode(RouteView route) {
    return route.targets().isEmpty() ? ExitCode.FAILED : ExitCode.OK;
  }

  @Override
  void show(RouteView route) {
    var out = terminal.out();
    out.println(route.address() + ": accepted from " + Printable.of(route.permission()));
    for (var target : route.targets()) {
      if (!target.address().equals(route.address())) {
        out.println("  alias   → " + Printable.of(target.address()));
      }
      out.println("  route   " + target.route() + ", because " + target.why());
      target.servers().forEach(server -> out.println("  server  " + server));
      target.obstacles().forEach(obstacle -> out.println("  but     " + Printable.of(obstacle)));
    }
  }
}
