package org.posthorn.daemon.tracking;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.posthorn.daemon.tls.ServerTls;
import org.posthorn.smtp.Domain;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers senders who ask what became of their messages (MTQP, RFC 3887), each on a virtual thread. Bounded: at most 100
 * at a time, five from one address, each for half an hour, whatever it sends or does not take. Safe for use by many threads.
 */
public final class MtqpServer implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(MtqpServer.class);
  private static final int MAX_CLIENTS = 100;
  private static final int MAX_PER_ADDRESS = 5;
  private static final int MAX_MINUTES = 30;

  private final TrackBook book;
  private final ServerTls tls;
  private final Domain hostname;
  private final Semaphore room = new Semaphore(MAX_CLIENTS);
  private final List<ServerSocket> doors = new ArrayList<>();
  private final Set<Socket> clients = ConcurrentHashMap.newKeySet();

  private MtqpServer(TrackBook book, ServerTls tls, Domain hostname) {
    this.book = book;
    this.tls = tls;
    this.hostname = hostname;
  }

  /** Listens on {@code addresses}, as {@code hostname}; throws IOException that says where it cannot. */
  public static MtqpServer start(List<InetSocketAddress> addresses, TrackBook book, ServerTls tls, Domain hostname)
      throws IOException {
    var server = new MtqpServer(book, tls, hostname);
    try {
      for (var address : addresses) {
        server.listen(address);
      }
      return server;
    } catch (IOException e) {
      server.close();
      throw e;
    }
  }

  private void listen(InetSocketAddress address) throws IOException {
    var door = new ServerSocket();
    doors.add(door);
    try {
      door.bind(address);
    } catch (IOException e) {
      throw new IOException("cannot listen on " + address + " for tracking: " + e.getMessage(), e);
    }
    Thread.ofPlatform().daemon().name("mtqp").start(() -> serve(door));
  }

  /** Returns where it listens. */
  public List<InetSocketAddress> addresses() {
    return doors.stream().map(door -> (InetSocketAddress) door.getLocalSocketAddress()).toList();
  }

  private void serve(ServerSocket door) {
    while (!door.isClosed()) {
      try {
        var client = door.accept();
        if (!hasEnough(client.getInetAddress()) && room.tryAcquire()) {
          clients.add(client);
          Thread.ofVirtual().name("mtqp-client").start(() -> converse(client));
        } else {
          client.close();
        }
      } catch (IOException e) {
        if (!door.isClosed()) {
          log.atWarn().setCause(e).log("cannot take a connection for tracking");
        }
      }
    }
  }

  private boolean hasEnough(InetAddress address) {
    return clients.stream().filter(client -> address.equals(client.getInetAddress())).count() >= MAX_PER_ADDRESS;
  }

  private static void endInTime(Socket client, CountDownLatch done) {
    try {
      if (!done.await(MAX_MINUTES, TimeUnit.MINUTES)) {
        close(client);
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void converse(Socket client) {
    var done = new CountDownLatch(1);
    Thread.ofVirtual().name("mtqp-time-limit").start(() -> endInTime(client, done));
    try (client) {
      new MtqpDialogue(client, book, tls, hostname).run();
    } catch (IOException e) {
      log.atDebug().addKeyValue("client", client.getInetAddress()).setCause(e).log("tracking dialogue lost");
    } catch (RuntimeException e) {
      log.atError().addKeyValue("client", client.getInetAddress()).setCause(e).log("tracking dialogue failed");
    } finally {
      done.countDown();
      clients.remove(client);
      room.release();
    }
  }

  @Override
  public void close() {
    doors.forEach(MtqpServer::close);
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
