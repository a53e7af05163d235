package org.posthorn.daemon.auth.ldap;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import javax.net.SocketFactory;

/** Makes sockets that do not wait without end for a server that says nothing, as the SDK does during a handshake. */
final class TimelySockets extends SocketFactory {
  private final SocketFactory sockets;
  private final Duration timeout;

  TimelySockets(SocketFactory sockets, Duration timeout) {
    this.sockets = sockets;
    this.timeout = timeout;
  }

  @Override
  public Socket createSocket() throws IOException {
    return timely(sockets.createSocket());
  }

  @Override
  public Socket createSocket(String host, int port) throws IOException {
    return timely(sockets.createSocket(host, port));
  }

  @Override
  public Socket createSocket(String host, int port, InetAddress from, int fromPort) throws IOException {
    return timely(sockets.createSocket(host, port, from, fromPort));
  }

  @Override
  public Socket createSocket(InetAddress host, int port) throws IOException {
    return timely(sockets.createSocket(host, port));
  }

  @Override
  public Socket createSocket(InetAddress host, int port, InetAddress from, int fromPort) throws IOException {
    return timely(sockets.createSocket(host, port, from, fromPort));
  }

  private Socket timely(Socket socket) throws IOException {
    socket.setSoTimeout((int) timeout.toMillis());
    return socket;
  }
}
