package org.posthorn.testkit;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Listens, counts connections, and gives each a thread of its own. Closing it closes all of them. */
final class Acceptor implements AutoCloseable {
  /** What to do with a connection. */
  interface Visitor {
    /** Serves the connection that came as number {@code number}, from 1. */
    void serve(int number, Wire wire);
  }

  private final ServerSocketChannel listener;
  private final SocketAddress address;
  private final Set<Wire> open = ConcurrentHashMap.newKeySet();
  private final AtomicInteger count = new AtomicInteger();

  private Acceptor(ServerSocketChannel listener, SocketAddress address) {
    this.listener = listener;
    this.address = address;
  }

  /** Listens on a free port of 127.0.0.1. */
  static Acceptor onLoopback() throws IOException {
    var listener = ServerSocketChannel.open();
    listener.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0));
    return new Acceptor(listener, listener.getLocalAddress());
  }

  /** Listens on a Unix socket, which closing removes. */
  static Acceptor onUnixSocket(Path socket) throws IOException {
    var listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    var address = UnixDomainSocketAddress.of(socket);
    listener.bind(address);
    return new Acceptor(listener, address);
  }

  /** Begins to accept. Connections are numbered from 1, in the order in which they came. */
  Acceptor start(Visitor visitor) {
    Thread.ofVirtual().name("acceptor").start(() -> {
      try {
        while (true) {
          serve(listener.accept(), visitor);
        }
      } catch (IOException _) {
        return; // closed
      }
    });
    return this;
  }

  private void serve(SocketChannel channel, Visitor visitor) {
    var wire = new Wire(channel);
    open.add(wire);
    int number = count.incrementAndGet();
    Thread.ofVirtual().name("connection-", number).start(() -> {
      visitor.serve(number, wire);
      open.remove(wire);
    });
  }

  /** Returns where it listens; throws IllegalStateException for a Unix socket. */
  InetSocketAddress address() {
    if (address instanceof InetSocketAddress tcp) {
      return tcp;
    }
    throw new IllegalStateException("listens on a Unix socket: " + address);
  }

  int connections() {
    return count.get();
  }

  @Override
  public void close() throws IOException {
    listener.close();
    for (Wire wire : open) {
      wire.close();
    }
    if (address instanceof UnixDomainSocketAddress unix) {
      Files.deleteIfExists(unix.getPath());
    }
  }
}
