package org.posthorn.daemon.systemd;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;

/**
 * Sends datagrams to a Unix socket, which the JDK has no class for. Linux only: the constants are those of its
 * {@code sys/socket.h}, the same on all of its platforms that matter here.
 */
final class UnixDatagram {
  private static final int AF_UNIX = 1;
  private static final int SOCK_DGRAM = 2;
  private static final int SOCK_CLOEXEC = 0x80000;
  /** Length of {@code sun_path} in {@code struct sockaddr_un}, with the final NUL that a path has. */
  private static final int MAX_PATH = 108;

  private static final MethodHandle SOCKET = Libc.function("socket", ValueLayout.JAVA_INT, ValueLayout.JAVA_INT,
      ValueLayout.JAVA_INT, ValueLayout.JAVA_INT);
  private static final MethodHandle SENDTO = Libc.function("sendto", ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT,
      ValueLayout.ADDRESS, ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT);
  private static final MethodHandle CLOSE = Libc.function("close", ValueLayout.JAVA_INT, ValueLayout.JAVA_INT);

  private UnixDatagram() {}

  /**
   * Sends {@code text} as one datagram.
   *
   * @param socket an absolute path, or a name in the abstract namespace behind {@code @} (unix(7))
   */
  static void send(String socket, String text) throws IOException {
    int _ = Libc.with(arena -> {
      var state = Libc.state(arena);
      int descriptor = (int) SOCKET.invokeExact(state, AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
      Libc.requireDone("socket", descriptor, state);
      try {
        var bytes = text.getBytes(StandardCharsets.UTF_8);
        var data = arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
        var address = address(arena, socket);
        long sent = (long) SENDTO.invokeExact(state, descriptor, data, (long) bytes.length, 0, address,
            (int) address.byteSize());
        Libc.requireDone("sendto", sent, state);
      } finally {
        int _ = (int) CLOSE.invokeExact(state, descriptor);
      }
      return 0;
    });
  }

  /** Returns a {@code struct sockaddr_un}. An abstract name ends where the structure does, a path with NUL. */
  static MemorySegment address(Arena arena, String socket) throws IOException {
    boolean isAbstract = socket.startsWith("@");
    byte[] path = socket.getBytes(StandardCharsets.UTF_8);
    if (path.length + (isAbstract ? 0 : 1) > MAX_PATH) {
      throw new IOException("the name of the socket is too long: " + socket);
    }
    var address = arena.allocate(ValueLayout.JAVA_SHORT.byteSize() + path.length + (isAbstract ? 0 : 1), 2);
    address.set(ValueLayout.JAVA_SHORT, 0, (short) AF_UNIX);
    MemorySegment.copy(path, 0, address, ValueLayout.JAVA_BYTE, 2, path.length);
    if (isAbstract) {
      address.set(ValueLayout.JAVA_BYTE, 2, (byte) 0);
    }
    return address;
  }
}
