package org.posthorn.daemon.inbound.netty;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.posthorn.daemon.inbound.Client;
import org.posthorn.daemon.inbound.ConnectionLimits;
import org.posthorn.daemon.inbound.ServerReplies;
import org.posthorn.smtp.Reply;

/** Counts connections, in total and for each client. Safe for use by many threads. */
final class ConnectionGate {
  private static final int IPV6_CLIENT_OCTETS = 8; // one site has at least a /64 to pick addresses from

  private final AtomicInteger total = new AtomicInteger();
  private final ConcurrentHashMap<ByteBuffer, Integer> perClient = new ConcurrentHashMap<>();

  /** Lets a connection in, or returns the reply that refuses it. Who was let in must {@link #leave}. */
  Optional<Reply> enter(Client client, ConnectionLimits limits) {
    if (total.incrementAndGet() > limits.total()) {
      total.decrementAndGet();
      return Optional.of(ServerReplies.TOO_MANY_CONNECTIONS);
    }
    int ofClient = perClient.merge(key(client.address()), 1, Integer::sum);
    if (ofClient > limits.perClient() && !client.isTrusted()) {
      leave(client);
      return Optional.of(ServerReplies.TOO_MANY_FROM_CLIENT);
    }
    return Optional.empty();
  }

  /** Takes note that a connection is gone. */
  void leave(Client client) {
    total.decrementAndGet();
    perClient.computeIfPresent(key(client.address()), (_, count) -> count == 1 ? null : count - 1);
  }

  /** Returns how many connections there are. */
  int total() {
    return total.get();
  }

  private static ByteBuffer key(InetAddress address) {
    byte[] octets = address.getAddress();
    return ByteBuffer.wrap(address instanceof Inet6Address ? Arrays.copyOf(octets, IPV6_CLIENT_OCTETS) : octets);
  }
}
