package org.posthorn.daemon.cli;

import java.net.InetSocketAddress;
import java.util.Optional;
import org.posthorn.daemon.config.Configuration;
import picocli.CommandLine.Option;

/** {@code --server}, which commands have that speak SMTP. Picocli fills it in. */
final class ServerOption {
  @Option(names = "--server", paramLabel = "HOST:PORT", description = "Default: the first listener of the settings,"
      + " one of kind mx if there is such.")
  private Optional<String> server = Optional.empty();

  /** Returns the server's address, or fails when there is none. */
  InetSocketAddress of(Configuration configuration) {
    return server.map(ServerOption::parse).orElseGet(() -> LocalServer.of(configuration));
  }

  private static InetSocketAddress parse(String text) {
    int colon = text.lastIndexOf(':');
    boolean hasPort = colon > 0 && text.substring(colon + 1).matches("[0-9]{1,5}")
        && (text.indexOf(':') == colon || text.charAt(colon - 1) == ']');
    int port = hasPort ? Integer.parseInt(text.substring(colon + 1)) : 25;
    if (port < 1 || port > 65_535) {
      throw Failure.usage("--server must be HOST:PORT, not \"" + text + "\"");
    }
    var address = new InetSocketAddress(hasPort ? text.substring(0, colon) : text, port);
    if (address.isUnresolved()) {
      throw Failure.of("there is no host \"" + address.getHostString() + "\"");
    }
    return address;
  }
}
