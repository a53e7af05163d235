package org.posthorn.dns;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.WireParseException;

/**
 * One query to one server: over UDP, and over TCP when the answer is truncated (RFC 7766 §5). Blocking, for a virtual
 * thread.
 *
 * <p>dnsjava's own resolver takes the first datagram with a wrong id for the end of the matter; here it is ignored and the
 * true answer awaited, so that nobody who guesses can break a look-up (RFC 5452 §9.1).
 */
final class ServerExchange {
  /** Fits one packet on any path (DNS flag day 2020). */
  static final int MAX_UDP_BYTES = 1232;

  private final InetSocketAddress server;
  private final Message query;
  private final long deadline;

  private ServerExchange(InetSocketAddress server, Message query, Duration timeout) {
    this.server = server;
    this.query = query;
    this.deadline = System.nanoTime() + timeout.toNanos();
  }

  /**
   * Returns the server's response. Throws SocketTimeoutException when none came within {@code timeout}, and another
   * IOException when the server cannot be reached or answered something that is no response.
   */
  static Message ask(InetSocketAddress server, Message query, Duration timeout) throws IOException {
    var exchange = new ServerExchange(server, query, timeout);
    Message response = exchange.overUdp();
    return response.getHeader().getFlag(Flags.TC) ? exchange.overTcp() : response;
  }

  private Message overUdp() throws IOException {
    try (var socket = new DatagramSocket()) { // a port of its own for each query, which the system picks at random
      socket.connect(server); // so that the system drops what other addresses send
      byte[] octets = query.toWire();
      socket.send(new DatagramPacket(octets, octets.length));
      var packet = new DatagramPacket(new byte[MAX_UDP_BYTES * 4], MAX_UDP_BYTES * 4);
      while (true) {
        socket.setSoTimeout(millisLeft());
        socket.receive(packet);
        Optional<Message> response = response(packet.getData(), packet.getLength());
        if (response.isPresent()) {
          return response.get();
        }
      }
    }
  }

  private Message overTcp() throws IOException {
    try (var socket = new Socket()) {
      socket.connect(server, millisLeft());
      byte[] octets = query.toWire();
      socket.getOutputStream()
          .write(ByteBuffer.allocate(2 + octets.length).putShort((short) octets.length).put(octets).array());
      byte[] length = readFully(socket, 2);
      int size = ByteBuffer.wrap(length).getShort() & 0xffff;
      return response(readFully(socket, size), size)
          .orElseThrow(() -> new WireParseException("an answer to another question"));
    }
  }

  private byte[] readFully(Socket socket, int count) throws IOException {
    byte[] octets = new byte[count];
    InputStream in = socket.getInputStream();
    for (int done = 0; done < count;) {
      socket.setSoTimeout(millisLeft()); // at each read, or a server that drips octets would hold us for ever
      int some = in.read(octets, done, count - done);
      if (some < 0) {
        throw new EOFException("connection closed");
      }
      done += some;
    }
    return octets;
  }

  /** Returns the response, or empty when it is not one to our query; throws when it is one, but broken. */
  private Optional<Message> response(byte[] octets, int length) throws WireParseException {
    boolean isOurs = length >= 12 && (ByteBuffer.wrap(octets).getShort() & 0xffff) == query.getHeader().getID();
    if (!isOurs) {
      return Optional.empty();
    }
    Message response = parse(octets, length);
    boolean answersUs = response.getHeader().getFlag(Flags.QR) && (query.getQuestion().equals(response.getQuestion())
        || (response.getQuestion() == null && response.getRcode() != Rcode.NOERROR));
    return answersUs ? Optional.of(response) : Optional.empty();
  }

  /** Reads a message; throws WireParseException at whatever is none. */
  static Message parse(byte[] octets, int length) throws WireParseException {
    try {
      return new Message(ByteBuffer.wrap(octets, 0, length));
    } catch (IOException | RuntimeException e) { // dnsjava throws either at nonsense from a hostile server
      throw new WireParseException("not a DNS message", e);
    }
  }

  private int millisLeft() throws SocketTimeoutException {
    long millis = (deadline - System.nanoTime()) / 1_000_000;
    if (millis <= 0) {
      throw new SocketTimeoutException("no answer in time");
    }
    return (int) millis;
  }
}
