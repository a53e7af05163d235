package org.posthorn.delivery;

import java.util.List;
import org.posthorn.queue.Outcome.Diagnostic;

/**
 * Where mail for an address would go now, for the operator.
 *
 * @param route the route taken
 * @param why what made it this one
 * @param servers what would be tried, in this order; empty for a mailbox of ours
 * @param obstacles what the DNS withheld, or that the mail would come back to us
 */
public record RouteExplanation(Route route, String why, List<Server> servers, List<Diagnostic> obstacles) {
  /**
   * One server that would be tried.
   *
   * @param host its name
   * @param address its address and port, or the path of its socket
   */
  public record Server(String host, String address) {}

  public RouteExplanation {
    servers = List.copyOf(servers);
    obstacles = List.copyOf(obstacles);
  }
}
