package org.posthorn.daemon.systemd;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;

/** A Unix datagram socket that listens, as systemd's does. */
final class BoundDatagramSocket implements AutoCloseable {
  private static final Linker LINKER = Linker.nativeLinker();
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;

  private final Arena arena = Arena.ofConfined();
  private final int descriptor;

  BoundDatagramSocket(String name) throws Throwable {
    descriptor = (int) function("socket", FunctionDescriptor.of(INT, INT, INT, INT)).invokeExact(1, 2, 0);
    var address = UnixDatagram.address(arena, name);
    int result = (int) function("bind", FunctionDescriptor.of(INT, INT, ValueLayout.ADDRESS, INT))
        .invokeExact(descriptor, address, (int) address.byteSize());
    if (descriptor < 0 || result < 0) {
      throw new IOException("cannot bind " + name);
    }
  }

  /** Returns the next datagram; fails when none is there. */
  String receive() throws Throwable {
    var buffer = arena.allocate(4096);
    int dontWait = 0x40;
    long length = (long) function("recv", FunctionDescriptor.of(ValueLayout.JAVA_LONG, INT, ValueLayout.ADDRESS,
        ValueLayout.JAVA_LONG, INT)).invokeExact(descriptor, buffer, 4096L, dontWait);
    if (length < 0) {
      throw new IOException("no datagram");
    }
    return new String(buffer.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
  }

  @Override
  public void close() throws IOException {
    try {
      int _ = (int) function("close", FunctionDescriptor.of(INT, INT)).invokeExact(descriptor);
    } catch (Throwable e) {
      throw new IOException(e);
    }
    arena.close();
  }

  @SuppressWarnings("restricted")
  private static MethodHandle function(String name, FunctionDescriptor descriptor) {
    MemorySegment symbol = LINKER.defaultLookup().findOrThrow(name);
    return LINKER.downcallHandle(symbol, descriptor);
  }
}
