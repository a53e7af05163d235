package org.posthorn.daemon.admin;

import java.util.List;

/**
 * Where mail for an address would go, and why.
 *
 * @param address as asked
 * @param permission who may send to it, or why nobody may
 * @param targets where it goes; more than one, or another address, by an alias; none when nobody may send to it
 */
public record RouteView(String address, String permission, List<Target> targets) {
  /**
   * One address that mail goes to.
   *
   * @param route the next hop
   * @param why what made it this one
   * @param servers what would be tried, in this order, as {@code name[address]:port}
   * @param obstacles what stands in the way
   */
  public record Target(String address, String route, String why, List<String> servers, List<String> obstacles) {
    public Target {
      servers = List.copyOf(servers);
      obstacles = List.copyOf(obstacles);
    }
  }

  public RouteView {
    targets = List.copyOf(targets);
  }
}
