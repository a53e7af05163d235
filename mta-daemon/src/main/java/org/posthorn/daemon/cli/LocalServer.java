package org.posthorn.daemon.cli;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.function.Predicate;
import org.posthorn.daemon.config.Configuration;
import org.posthorn.daemon.inbound.ListenerSettings.Kind;

/** Where the daemon of some settings takes mail from this machine. */
final class LocalServer {
  private LocalServer() {}

  /**
   * Returns the first address where it takes mail without further ado, else the first of all; one that stands for all
   * addresses becomes loopback. Fails when there are only Unix sockets.
   */
  static InetSocketAddress of(Configuration configuration) {
    var first = address(configuration, Kind.MX::equals).or(() -> address(configuration, _ -> true))
        .orElseThrow(() -> Failure.usage("no listener of the settings has an address, only Unix sockets"));
    return first.getAddress().isAnyLocalAddress()
        ? new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), first.getPort())
        : first;
  }

  private static Optional<InetSocketAddress> address(Configuration configuration, Predicate<Kind> wanted) {
    return configuration.listeners()
        .stream()
        .filter(listener -> wanted.test(listener.terms().kind()))
        .flatMap(listener -> listener.addresses().stream())
        .findFirst();
  }

  /** Returns {@code address:port} for people. */
  static String text(InetSocketAddress address) {
    return address.getHostString() + ":" + address.getPort();
  }

  /** Returns who runs this process. */
  static String userName() {
    return System.getProperty("user.name", "postmaster");
  }
}
