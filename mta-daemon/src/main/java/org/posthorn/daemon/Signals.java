package org.posthorn.daemon;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Proxy;

/**
 * Takes the signals of the operating system.
 *
 * <p>By reflection: {@code sun.misc.Signal} is exported by the module jdk.unsupported and has no successor, but javac warns
 * of it in a way that cannot be suppressed. A shutdown hook would do for SIGTERM, but not for SIGHUP, which ends a JVM.
 */
final class Signals {
  private Signals() {}

  /** Runs {@code action} on a thread of its own each time that the process gets the signal {@code name}, such as HUP. */
  static void on(String name, Runnable action) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> receiver = Class.forName("sun.misc.SignalHandler");
      var lookup = MethodHandles.publicLookup();
      Object proxy = Proxy.newProxyInstance(Signals.class.getClassLoader(), new Class<?>[]{receiver},
          (_, method, _) -> {
            if (method.getName().equals("handle")) {
              action.run();
            }
            return null;
          });
      Object named = lookup.findConstructor(signal, MethodType.methodType(void.class, String.class)).invoke(name);
      lookup.findStatic(signal, "handle", MethodType.methodType(receiver, signal, receiver)).invoke(named, proxy);
    } catch (Throwable e) {
      throw new IllegalStateException("cannot take the signal " + name, e);
    }
  }
}
