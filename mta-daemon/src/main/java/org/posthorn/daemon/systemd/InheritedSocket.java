package org.posthorn.daemon.systemd;

import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.util.Map;
import java.util.Optional;

/**
 * The listening socket that systemd opened for this process, so that a port below 1024 needs no privilege. The JDK can only
 * take over a socket that is standard input, and only one: the unit has {@code StandardInput=socket}.
 */
public final class InheritedSocket {
  private InheritedSocket() {}

  /** Returns the socket, if {@code environment} and standard input say that there is one (sd_listen_fds(3)). */
  public static Optional<ServerSocketChannel> find(Map<String, String> environment) throws IOException {
    boolean isForUs = environment.getOrDefault("LISTEN_PID", "")
        .equals(Long.toString(ProcessHandle.current().pid()));
    return isForUs && System.inheritedChannel() instanceof ServerSocketChannel socket
        ? Optional.of(socket)
        : Optional.empty();
  }
}
