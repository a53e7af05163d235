package org.posthorn.testkit;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Finds ports for programs that must be told theirs beforehand. They are below those that the system gives to whoever asks for
 * any port or connects to somebody, so that nobody gets one by chance before its program, or while that is restarted.
 */
public final class FreePort {
  private static final int LOWEST = 10_000;
  /** Linux gives any port from 32768 on; Kubernetes has uses for those from 30000 on. */
  private static final int COUNT = 20_000;
  private static final AtomicInteger next = new AtomicInteger(ThreadLocalRandom.current().nextInt(COUNT));

  private FreePort() {}

  /** Returns a port of loopback, of TCP and UDP, that nobody uses at this moment and that was not returned before. */
  public static int find() {
    for (int tries = 0; tries < COUNT; tries++) {
      int port = LOWEST + Math.floorMod(next.getAndIncrement(), COUNT);
      if (isFree(port)) {
        return port;
      }
    }
    throw new IllegalStateException("no port is free");
  }

  private static boolean isFree(int port) {
    var loopback = InetAddress.ofLiteral("127.0.0.1");
    try (var _ = new ServerSocket(port, 1, loopback); var _ = new DatagramSocket(port, loopback)) {
      return true;
    } catch (IOException _) {
      return false;
    }
  }
}
