package org.posthorn.daemon.systemd;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/** Calls functions of the C library that the JDK has no class for. Linux only. */
final class Libc {
  private static final Linker LINKER = Linker.nativeLinker();
  private static final MemoryLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO = STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

  private Libc() {}

  /** Finds a function that takes these; it also takes, first, the {@link #state} that errno goes to. */
  @SuppressWarnings("restricted") // the launcher allows native access
  static MethodHandle function(String name, MemoryLayout result, MemoryLayout... arguments) {
    return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), FunctionDescriptor.of(result, arguments),
        Linker.Option.captureCallState("errno"));
  }

  /** Returns where errno goes. */
  static MemorySegment state(Arena arena) {
    return arena.allocate(STATE);
  }

  /** Throws IOException that names {@code call} and errno when {@code result} says that it failed. */
  static void requireDone(String call, long result, MemorySegment state) throws IOException {
    if (result < 0) {
      throw new IOException(call + " failed with errno " + (int) ERRNO.get(state, 0L));
    }
  }

  /** Something to call, which declares that anything may come out of it, as method handles do. */
  interface Call<T> {
    T run(Arena arena) throws Throwable;
  }

  /** Runs {@code call} with memory that is freed behind it. */
  static <T> T with(Call<T> call) throws IOException {
    try (var arena = Arena.ofConfined()) {
      return call.run(arena);
    } catch (IOException | RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("a native call threw", e);
    }
  }
}
