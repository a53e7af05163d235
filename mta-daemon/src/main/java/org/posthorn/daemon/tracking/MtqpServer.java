package org.posthorn.daemon.tracking;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.posthorn.daemon.auth.ClientNetwork;
import org.posthorn.daemon.socket.AddressText;
import org.posthorn.daemon.tls.ServerTls;
import org.posthorn.smtp.Domain;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers senders who ask what became of their messages (MTQP, RFC 3887), each on a virtual thread. Bounded: so many at a time
 * and from one client as the terms say, each for half an hour, whatever it sends or does not take. Safe for use by many
 * threads.
 */
public final class MtqpServer implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(MtqpServer.class);
  private static final byte[] FULL = "-TEMP/MTQP/unavailable Too many connections\r\n"
      .getBytes(StandardCharsets.US_ASCII);

  private final TrackBook book;
  private final ServerTls tls;
  private final Supplier<MtqpTerms> terms;
  private final TrackingCounters counters = new TrackingCounters();
  private final Map<InetSocketAddress, Door> doors = new LinkedHashMap<>(); // by setting; guarded by this
  private final Set<Socket> clients = ConcurrentHashMap.newKeySet();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final ScheduledExecutorService limits = Executors.newSingleThreadScheduledExecutor(
      Thread.ofPlatform().daemon().name("mtqp-limits").factory());

  private record Door(ServerSocket socket, Thread keeper) {
    InetSocketAddress address() {
      return (InetSocketAddress) socket.getLocalSocketAddress();
    }

    /** The kernel lets clients in until the keeper has noticed. */
    void shut() {
      close(socket);
      try {
        boolean _ = keeper.join(Duration.ofSeconds(1));
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Listens nowhere yet; {@code terms} are those in force. */
  public MtqpServer(TrackBook book, ServerTls tls, Supplier<MtqpTerms> terms) {
    this.book = book;
    this.tls = tls;
    this.terms = terms;
  }

  /** Listens at {@code addresses} too; throws IOException that says where it cannot, and then listens where it did before. */
  public synchronized void open(List<InetSocketAddress> addresses) throws IOException {
    var before = List.copyOf(doors.keySet());
    try {
      for (var address : addresses) {
        if (!doors.containsKey(address)) {
          open(address);
        }
      }
    } catch (IOException e) {
      keepOnly(before);
      throw e;
    }
  }

  private void open(InetSocketAddress address) throws IOException {
    var socket = new ServerSocket();
    try {
      socket.bind(address);
    } catch (IOException e) {
      close(socket);
      throw new IOException("cannot listen on " + AddressText.of(address) + " for tracking: " + e.getMessage(), e);
    }
    var door = new Door(socket, Thread.ofPlatform().daemon().name("mtqp").start(() -> serve(socket)));
    doors.put(address, door);
    log.atInfo()
        .addKeyValue("address", AddressText.of(door.address()))
        .addKeyValue("listener", "tracking")
        .log("listening");
  }

  /** Listens at {@code addresses} only; who is there may stay. */
  public synchronized void keepOnly(List<InetSocketAddress> addresses) {
    for (var door : Map.copyOf(doors).entrySet()) {
      if (!addresses.contains(door.getKey())) {
        doors.remove(door.getKey());
        var address = AddressText.of(door.getValue().address());
        door.getValue().shut();
        log.atInfo().addKeyValue("address", address).addKeyValue("listener", "tracking").log("no longer listening");
      }
    }
  }

  /** Returns where it listens. */
  public synchronized List<InetSocketAddress> addresses() {
    return doors.values().stream().map(Door::address).toList();
  }

  /** Returns how many clients are connected. */
  public int clients() {
    return clients.size();
  }

  /** Returns what was asked. */
  public TrackingCounters counters() {
    return counters;
  }

  private void serve(ServerSocket door) {
    while (!door.isClosed()) {
      try {
        receive(door.accept());
      } catch (IOException | RuntimeException | Error e) { // nothing must leave a door that nobody keeps
        if (!door.isClosed()) {
          log.atWarn().setCause(e).log("cannot take a connection for tracking");
          pause();
        }
      }
    }
  }

  /** What there is none of, such as file descriptors or threads, is not there the next moment either. */
  private void pause() {
    try {
      boolean _ = closed.await(1, TimeUnit.SECONDS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void receive(Socket client) {
    try {
      letIn(client);
    } catch (RuntimeException | Error e) { // the latter when the system has no thread left
      clients.remove(client);
      close(client); // or it would wait for a greeting for ever
      throw e;
    }
  }

  private void letIn(Socket client) {
    var now = terms.get();
    if (clients.size() >= now.connections() || ofClient(client.getInetAddress()) >= now.perClient()) {
      counters.refused();
      log.atInfo()
          .addKeyValue("client", client.getInetAddress().getHostAddress())
          .addKeyValue("listener", "tracking")
          .log("connection refused");
      turnAway(client);
      return;
    }
    clients.add(client);
    counters.connected();
    Thread.ofVirtual().name("mtqp-client").start(() -> converse(client, now));
  }

  /** One that is gone already is no trouble with the door. */
  private static void turnAway(Socket client) {
    try (client) {
      client.getOutputStream().write(FULL);
    } catch (IOException e) {
      log.atDebug().addKeyValue("client", client.getInetAddress()).setCause(e).log("gone before it was turned away");
    }
  }

  private long ofClient(InetAddress address) {
    var network = ClientNetwork.of(address);
    return clients.stream().filter(client -> ClientNetwork.of(client.getInetAddress()).equals(network)).count();
  }

  private void converse(Socket client, MtqpTerms now) {
    var end = limits.schedule(() -> close(client), now.whole().toMillis(), TimeUnit.MILLISECONDS);
    try (client) {
      client.setSoTimeout((int) now.silence().toMillis());
      new MtqpDialogue(client, book, now.hostname(), counters, new InTime(now)).run();
    } catch (IOException e) {
      log.atDebug().addKeyValue("client", client.getInetAddress()).setCause(e).log("tracking dialogue lost");
    } catch (RuntimeException e) {
      log.atError().addKeyValue("client", client.getInetAddress()).setCause(e).log("tracking dialogue failed");
    } finally {
      end.cancel(false);
      clients.remove(client);
    }
  }

  /** A handshake that comes octet by octet has no more time than another. */
  private final class InTime implements MtqpDialogue.Encrypting {
    private final MtqpTerms now;

    InTime(MtqpTerms now) {
      this.now = now;
    }

    @Override
    public Socket encrypt(Socket plain) throws IOException {
      var limit = limits.schedule(() -> close(plain), now.handshake().toMillis(), TimeUnit.MILLISECONDS);
      try {
        return tls.encrypt(plain);
      } finally {
        limit.cancel(false);
      }
    }

    @Override
    public boolean covers(Domain name) {
      return tls.covers(name);
    }
  }

  @Override
  public void close() {
    keepOnly(List.of());
    closed.countDown();
    limits.shutdownNow();
    clients.forEach(MtqpServer::close);
  }

  private static void close(AutoCloseable socket) {
    try {
      socket.close();
    } catch (Exception e) {
      log.atDebug().setCause(e).log("cannot close");
    }
  }
}
