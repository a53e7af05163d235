package org.posthorn.daemon.cli;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.posthorn.daemon.config.Configuration;

/** Where the daemon of some settings takes mail from this machine. */
final class LocalServer {
  private LocalServer() {}

  /** Returns the first address it listens on; one that stands for all addresses becomes loopback. */
  static InetSocketAddress of(Configuration configuration) {
    var first = configuration.listeners().getFirst().addresses().getFirst();
    return first.getAddress().isAnyLocalAddress()
        ? new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), first.getPort())
        : first;
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
