package org.posthorn.daemon.systemd;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A listening socket, TCP or Unix, that another process opened, by its file descriptor. The JDK has no way to make a channel
 * of it. So a channel is opened at a place of its own, and {@code dup3} puts the other socket in the place of its: from then
 * on the channel accepts there. The channel itself goes on believing in the address that it was bound to.
 */
final class ListeningSocket {
  private static final int AF_UNIX = 1;
  private static final int AF_INET = 2;
  private static final int AF_INET6 = 10;
  private static final int SOL_SOCKET = 1;
  private static final int SO_TYPE = 3;
  private static final int SO_ACCEPTCONN = 30;
  private static final int SOCK_STREAM = 1;
  private static final int O_CLOEXEC = 0x80000;
  private static final int SOCKADDR_OCTETS = 128; // struct sockaddr_storage
  private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

  private static final MethodHandle GETSOCKNAME = Libc.function("getsockname", ValueLayout.JAVA_INT,
      ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS);
  private static final MethodHandle GETSOCKOPT = Libc.function("getsockopt", ValueLayout.JAVA_INT, ValueLayout.JAVA_INT,
      ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS);
  private static final MethodHandle DUP3 = Libc.function("dup3", ValueLayout.JAVA_INT, ValueLayout.JAVA_INT,
      ValueLayout.JAVA_INT, ValueLayout.JAVA_INT);
  private static final MethodHandle CLOSE = Libc.function("close", ValueLayout.JAVA_INT, ValueLayout.JAVA_INT);

  private ListeningSocket() {}

  /** Returns where {@code descriptor} listens; IOException when it is no socket that listens for TCP, or at a path. */
  static SocketAddress address(int descriptor) throws IOException {
    return Libc.with(arena -> {
      var state = Libc.state(arena);
      var address = arena.allocate(SOCKADDR_OCTETS, 8);
      var length = arena.allocateFrom(ValueLayout.JAVA_INT, SOCKADDR_OCTETS);
      int named = (int) GETSOCKNAME.invokeExact(state, descriptor, address, length);
      Libc.requireDone("getsockname", named, state);
      int octets = length.get(ValueLayout.JAVA_INT, 0);
      if (option(descriptor, SO_ACCEPTCONN) == 0 || option(descriptor, SO_TYPE) != SOCK_STREAM) {
        throw new IOException("the socket does not listen for streams");
      }
      return parse(address, octets);
    });
  }

  private static int option(int descriptor, int name) throws IOException {
    return Libc.with(arena -> {
      var state = Libc.state(arena);
      var value = arena.allocate(ValueLayout.JAVA_INT);
      var length = arena.allocateFrom(ValueLayout.JAVA_INT, Integer.BYTES);
      int asked = (int) GETSOCKOPT.invokeExact(state, descriptor, SOL_SOCKET, name, value, length);
      Libc.requireDone("getsockopt", asked, state);
      return value.get(ValueLayout.JAVA_INT, 0);
    });
  }

  private static SocketAddress parse(MemorySegment address, int length) throws IOException {
    return switch (address.get(ValueLayout.JAVA_SHORT, 0)) {
      case AF_UNIX -> path(address, length);
      case AF_INET -> inet(address, new byte[4]);
      case AF_INET6 -> inet(address, new byte[16]);
      default -> throw new IOException("the socket is neither for TCP nor at a path");
    };
  }

  /** Reads a {@code struct sockaddr_un} of {@code length} octets, in which a NUL may end the path. */
  private static UnixDomainSocketAddress path(MemorySegment address, int length) throws IOException {
    int end = Math.min(length, SOCKADDR_OCTETS);
    var path = new StringBuilder();
    for (int i = Short.BYTES; i < end && address.get(ValueLayout.JAVA_BYTE, i) != 0; i++) {
      path.append((char) (address.get(ValueLayout.JAVA_BYTE, i) & 0xff));
    }
    if (path.isEmpty()) {
      throw new IOException("the socket has no path");
    }
    byte[] octets = path.toString().getBytes(StandardCharsets.ISO_8859_1);
    return UnixDomainSocketAddress.of(new String(octets, StandardCharsets.UTF_8));
  }

  /** Reads a {@code struct sockaddr_in} or {@code sockaddr_in6}. */
  private static InetSocketAddress inet(MemorySegment address, byte[] host) throws IOException {
    ByteBuffer octets = address.asByteBuffer().order(ByteOrder.BIG_ENDIAN);
    int port = octets.getShort(2) & 0xffff;
    octets.position(host.length == 4 ? 4 : 8).get(host);
    return new InetSocketAddress(InetAddress.getByAddress(host), port);
  }

  /** Makes a channel of {@code descriptor}, which listens at {@code address}; the descriptor itself is closed. */
  static ServerSocketChannel open(int descriptor, SocketAddress address) throws IOException {
    if (address instanceof InetSocketAddress inet) {
      boolean isIpv6 = inet.getAddress() instanceof Inet6Address;
      return open(descriptor, isIpv6 ? StandardProtocolFamily.INET6 : StandardProtocolFamily.INET,
          new InetSocketAddress(InetAddress.ofLiteral(isIpv6 ? "::1" : "127.0.0.1"), 0));
    }
    var mine = Files.createTempDirectory("posthorn");
    var path = mine.resolve("s");
    try {
      return open(descriptor, StandardProtocolFamily.UNIX, UnixDomainSocketAddress.of(path));
    } finally {
      Files.deleteIfExists(path);
      Files.delete(mine);
    }
  }

  private static ServerSocketChannel open(int descriptor, StandardProtocolFamily family, SocketAddress own)
      throws IOException {
    var channel = ServerSocketChannel.open(family);
    try {
      channel.bind(own);
      replace(descriptorOf(channel), descriptor);
      return channel;
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  /** Finds the descriptor of {@code channel}: nobody else in this process listens where it does. */
  static int descriptorOf(ServerSocketChannel channel) throws IOException {
    var bound = channel.getLocalAddress();
    List<Integer> all;
    try (var links = Files.list(DESCRIPTORS)) {
      all = links.map(link -> Integer.valueOf(String.valueOf(link.getFileName()))).toList();
    }
    for (int descriptor : all) {
      if (listensAt(descriptor, bound)) {
        return descriptor;
      }
    }
    throw new IOException("cannot find our own socket at " + bound);
  }

  private static boolean listensAt(int descriptor, SocketAddress address) {
    try {
      return address(descriptor).equals(address);
    } catch (IOException _) {
      return false; // a file, or a socket that does not listen
    }
  }

  private static void replace(int own, int by) throws IOException {
    int _ = Libc.with(arena -> {
      var state = Libc.state(arena);
      int replaced = (int) DUP3.invokeExact(state, by, own, O_CLOEXEC);
      Libc.requireDone("dup3", replaced, state);
      return (int) CLOSE.invokeExact(state, by);
    });
  }
}
