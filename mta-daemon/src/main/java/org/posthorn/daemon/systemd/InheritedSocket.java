package org.posthorn.daemon.systemd;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A listening socket that systemd opened for this process, so that a port below 1024 needs no privilege (sd_listen_fds(3)).
 *
 * @param name what the socket unit calls it: its {@code FileDescriptorName=}, or the name of the unit; empty for none
 * @param address where it listens
 * @param channel accepts there, though its own address is another
 */
public record InheritedSocket(String name, SocketAddress address, ServerSocketChannel channel) {
  private static final int FIRST_DESCRIPTOR = 3;
  private static final int MAX_SOCKETS = 1000;

  /**
   * Takes over the sockets that {@code environment} tells of, once; throws IOException that names the one that does not listen
   * for TCP, or at a path.
   */
  public static List<InheritedSocket> takeAll(Map<String, String> environment) throws IOException {
    var sockets = new ArrayList<InheritedSocket>();
    boolean isForUs = environment.getOrDefault("LISTEN_PID", "").equals(Long.toString(ProcessHandle.current().pid()));
    String count = environment.getOrDefault("LISTEN_FDS", "");
    if (isForUs && count.matches("[0-9]{1,4}") && Integer.parseInt(count) <= MAX_SOCKETS) {
      var names = List.of(environment.getOrDefault("LISTEN_FDNAMES", "").split(":", -1));
      for (int i = 0; i < Integer.parseInt(count); i++) {
        sockets.add(take(FIRST_DESCRIPTOR + i, i < names.size() ? names.get(i) : ""));
      }
    }
    return sockets;
  }

  private static InheritedSocket take(int descriptor, String name) throws IOException {
    try {
      var address = ListeningSocket.address(descriptor);
      return new InheritedSocket(name, address, ListeningSocket.open(descriptor, address));
    } catch (IOException e) {
      throw new IOException("cannot use the inherited socket " + descriptor + (name.isEmpty() ? "" : ", " + name) + ": "
          + e.getMessage(), e);
    }
  }
}
