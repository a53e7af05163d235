package org.posthorn.testkit;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.posthorn.testkit.DnsWire.Question;
import org.posthorn.testkit.DnsWire.Response;
import org.posthorn.testkit.DnsWire.Rr;
import org.posthorn.testkit.FakeZone.Behaviour;

/**
 * A DNS server on 127.0.0.1, UDP and TCP on one free port, that answers from a few lines of text:
 *
 * <pre>
 * example.org       MX 10 mx1.example.org
 * mx1.example.org   60 A 192.0.2.1          a TTL in seconds may precede the type; default 300
 * www.example.org   CNAME example.org       followed within the text, as a recursive resolver does
 * *.example.org     A 192.0.2.9
 * example.org       SOA ns.example.org hostmaster.example.org 1 3600 600 86400 30   for negative answers below it
 * </pre>
 *
 * Types: A AAAA MX CNAME TXT PTR NS SOA. A name without a record of the type has none; a name without any record does
 * not exist. A line {@code name BEHAVIOUR [type]} lets questions for a name, of one type or of all, come to grief:
 * <ul>
 * <li>SERVFAIL, REFUSED, NXDOMAIN: that response code
 * <li>TIMEOUT: no answer; GARBAGE: an answer that is no DNS message
 * <li>TRUNCATE: nothing but the TC bit over UDP, everything over TCP
 * <li>MISMATCH, WRONGSOURCE: first a forged answer (A 203.0.113.66, MX 0 forged.invalid) with a wrong id or from another
 * port, then the true one
 * <li>NOEDNS: FORMERR to whatever has EDNS with it
 * <li>NOSOA: a negative answer has no SOA; NOCHASE: a CNAME is not followed; REFERRAL: nothing but the name of another server
 * </ul>
 *
 * <p>Safe for use by many threads.
 */
public final class FakeDnsServer implements AutoCloseable {
  /** A question that came. {@code name} is lower case without a final dot, {@code transport} UDP or TCP. */
  public record Query(String name, String type, String transport) {}

  private static final int MAX_UDP_BYTES = 1232;
  private static final int BIND_ATTEMPTS = 50;

  private final ServerSocket tcp;
  private final DatagramChannel udp;
  private final List<Query> queries = new CopyOnWriteArrayList<>();
  private final ReentrantLock gate = new ReentrantLock();
  private final Condition opened = gate.newCondition();
  private boolean isPaused;
  private volatile FakeZone zone;

  private FakeDnsServer(ServerSocket tcp, DatagramChannel udp, FakeZone zone) {
    this.tcp = tcp;
    this.udp = udp;
    this.zone = zone;
  }

  /** Starts on a free port. */
  public static FakeDnsServer start(String zone) throws IOException {
    var parsed = new FakeZone(zone);
    InetAddress loopback = InetAddress.ofLiteral("127.0.0.1");
    for (int attempt = 1;; attempt++) {
      var tcp = new ServerSocket(0, 50, loopback);
      var udp = DatagramChannel.open();
      try {
        udp.bind(new InetSocketAddress(loopback, tcp.getLocalPort()));
        var server = new FakeDnsServer(tcp, udp, parsed);
        Thread.ofVirtual().name("fake-dns-tcp").start(server::serveTcp);
        Thread.ofVirtual().name("fake-dns-udp").start(server::serveUdp);
        return server;
      } catch (BindException e) { // free for TCP, taken for UDP
        tcp.close();
        udp.close();
        if (attempt == BIND_ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  /** Returns where it listens. */
  public InetSocketAddress address() {
    return new InetSocketAddress(tcp.getInetAddress(), tcp.getLocalPort());
  }

  /** Replaces everything it knows. */
  public void zone(String text) {
    zone = new FakeZone(text);
  }

  /** Returns all questions so far, in the order in which they came. */
  public List<Query> queries() {
    return List.copyOf(queries);
  }

  /** Returns how many questions for {@code name} and {@code type} have come. */
  public long count(String name, String type) {
    return queries.stream()
        .filter(query -> query.name().equals(name.toLowerCase(Locale.ROOT)))
        .filter(query -> query.type().equals(type))
        .count();
  }

  /** Holds back all answers until {@link #resume()}; questions are still counted. */
  public void pause() {
    setPaused(true);
  }

  /** Sends the answers that were held back. */
  public void resume() {
    setPaused(false);
  }

  private void setPaused(boolean paused) {
    gate.lock();
    try {
      isPaused = paused;
      opened.signalAll();
    } finally {
      gate.unlock();
    }
  }

  private void awaitResume() throws InterruptedException {
    gate.lock();
    try {
      while (isPaused) {
        opened.await();
      }
    } finally {
      gate.unlock();
    }
  }

  private void serveUdp() {
    try {
      while (true) {
        ByteBuffer query = ByteBuffer.allocate(4096);
        SocketAddress client = udp.receive(query);
        Thread.ofVirtual().start(() -> answerUdp(query.flip(), client));
      }
    } catch (IOException _) {
      return; // closed
    }
  }

  private void answerUdp(ByteBuffer query, SocketAddress client) {
    try {
      Optional<Question> question = receive(query, "UDP");
      if (question.isEmpty() || has(Behaviour.TIMEOUT, question.get())) {
        return;
      }
      Question asked = question.get();
      forge(asked, client);
      byte[] octets = has(Behaviour.GARBAGE, asked) ? garbage(asked) : DnsWire.encode(asked, answer(asked));
      if (octets.length > MAX_UDP_BYTES || has(Behaviour.TRUNCATE, asked)) {
        octets = DnsWire.encode(asked, answer(asked).truncated());
      }
      udp.send(ByteBuffer.wrap(octets), client);
    } catch (IOException _) {
      return; // closed
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void serveTcp() {
    try {
      while (true) {
        Socket client = tcp.accept();
        Thread.ofVirtual().start(() -> answerTcp(client));
      }
    } catch (IOException _) {
      return; // closed
    }
  }

  private void answerTcp(Socket client) {
    try (client) {
      var in = new DataInputStream(client.getInputStream());
      var out = new DataOutputStream(client.getOutputStream());
      while (!tcp.isClosed()) {
        byte[] query = new byte[in.readUnsignedShort()];
        in.readFully(query);
        Optional<Question> question = receive(ByteBuffer.wrap(query), "TCP");
        if (question.isPresent() && !has(Behaviour.TIMEOUT, question.get())) {
          Question asked = question.get();
          byte[] octets = has(Behaviour.GARBAGE, asked) ? garbage(asked) : DnsWire.encode(asked, answer(asked));
          out.writeShort(octets.length);
          out.write(octets);
          out.flush();
        }
      }
    } catch (IOException _) {
      return; // the client closed
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private Optional<Question> receive(ByteBuffer query, String transport) throws InterruptedException {
    Optional<Question> question = DnsWire.question(query);
    question.ifPresent(asked -> queries.add(new Query(asked.name(), asked.typeName(), transport)));
    awaitResume();
    return question;
  }

  private Response answer(Question asked) {
    return asked.isExtended() && has(Behaviour.NOEDNS, asked)
        ? Response.error(DnsWire.FORMERR)
        : zone.answer(asked.name(), asked.typeName());
  }

  private boolean has(Behaviour behaviour, Question asked) {
    return zone.has(behaviour, asked.name(), asked.typeName());
  }

  private void forge(Question asked, SocketAddress client) throws IOException {
    String type = asked.typeName();
    String value = switch (type) {
      case "A" -> "203.0.113.66";
      case "AAAA" -> "2001:db8::666";
      case "MX" -> "0 forged.invalid";
      default -> "forged.invalid";
    };
    var forged = new Response(DnsWire.NOERROR, false, List.of(new Rr(asked.name(), 86_400, type, value)), List.of());
    if (has(Behaviour.MISMATCH, asked)) {
      var other = new Question(asked.id() ^ 0x5555, asked.name(), asked.type(), asked.flags(), false);
      udp.send(ByteBuffer.wrap(DnsWire.encode(other, forged)), client);
    }
    if (has(Behaviour.WRONGSOURCE, asked)) {
      try (var elsewhere = DatagramChannel.open()) {
        elsewhere.send(ByteBuffer.wrap(DnsWire.encode(asked, forged)), client);
      }
    }
  }

  /** A response with the right id that claims more answers than it has. */
  private static byte[] garbage(Question asked) {
    byte[] octets = DnsWire.encode(asked, Response.error(DnsWire.NOERROR));
    octets[7] = 9;
    return octets;
  }

  @Override
  public void close() throws IOException {
    resume();
    tcp.close();
    udp.close();
  }
}
