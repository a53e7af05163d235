package org.posthorn.daemon.inbound;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import javax.net.ssl.SSLException;
import org.posthorn.daemon.inbound.BurlSettings.Place;
import org.posthorn.daemon.inbound.BurlSettings.Server;
import org.posthorn.daemon.inbound.BurlSettings.Tls;
import org.posthorn.daemon.socket.TimeLimit;
import org.posthorn.smtp.Reply;

/**
 * Fetches by URLFETCH (RFC 4467 §7) as much as one BURL asks for. Everything is bounded: lines, octets, and the time of it
 * all. One thread.
 */
final class ImapFetch implements AutoCloseable {
  private static final int CONNECT_MILLIS = 10_000;
  private static final int MAX_ADDRESSES = 4;
  private static final int SILENCE_MILLIS = 60_000;
  private static final Duration MAX_TIME = Duration.ofMinutes(5);
  private static final int MAX_LINES = 1000;
  private static final int BLOCK = 16 * 1024;
  private static final String RESPONSE = "* URLFETCH";

  private final Socket socket;
  private final TimeLimit limit;
  private ImapWire wire;

  private ImapFetch(Socket socket) throws IOException {
    this.socket = socket;
    this.wire = new ImapWire(socket);
    this.limit = TimeLimit.of(MAX_TIME, socket);
  }

  /** Connects and logs in; throws IOException with what the server said when it will not have us. */
  static ImapFetch open(Server server) throws IOException {
    var imap = new ImapFetch(connected(server.place()));
    try {
      imap.begin(server);
      return imap;
    } catch (IOException | RuntimeException e) {
      imap.close();
      throw e;
    }
  }

  /** Looks the name up now, for addresses change while we run, and tries one after the other. */
  private static Socket connected(Place place) throws IOException {
    var failure = new IOException("its name leads nowhere");
    for (var address : Arrays.asList(InetAddress.getAllByName(place.host())).stream().limit(MAX_ADDRESSES).toList()) {
      var socket = new Socket();
      try {
        socket.connect(new InetSocketAddress(address, place.port()), CONNECT_MILLIS);
        socket.setSoTimeout(SILENCE_MILLIS);
        return socket;
      } catch (IOException e) {
        socket.close();
        failure = e;
      }
    }
    throw failure;
  }

  private void begin(Server server) throws IOException {
    if (server.tls() == Tls.IMPLICIT) {
      encrypt(server);
    }
    var greeting = wire.line();
    if (!greeting.startsWith("* OK")) {
      throw new IOException("it greets with " + greeting);
    }
    if (server.tls() == Tls.STARTTLS) {
      require(command("a1 STARTTLS"));
      if (wire.hasMore()) {
        // Whoever is between us could have sent that, for the server waits for our handshake now (RFC 3501 §6.2.1).
        throw new IOException("it says more in clear text after it agreed to STARTTLS");
      }
      encrypt(server);
    }
    wire.say("a2 AUTHENTICATE PLAIN");
    var answer = wire.line();
    if (!answer.startsWith("+")) {
      throw new IOException("it does not let us in: " + answer);
    }
    var secret = "\0" + server.user() + "\0" + server.password();
    require(command(Base64.getEncoder().encodeToString(secret.getBytes(StandardCharsets.UTF_8))));
  }

  /** Nothing is said to a server that does not prove who it is: the password would be its, and the message as it likes. */
  private void encrypt(Server server) throws IOException {
    var name = BurlSettings.hostOf(server.authority())
        .orElseThrow(() -> new IOException("there can be no certificate for " + server.authority()));
    var encrypted = server.trust().encrypt(socket, name);
    if (encrypted.facts().doubt().isPresent()) {
      throw new SSLException(encrypted.facts().doubt().get());
    }
    wire = new ImapWire(encrypted.socket());
  }

  /** Puts what is behind {@code url} into {@code message}; returns why that cannot be done. */
  Optional<Reply> fetch(String url, MessageSink message, long maxBytes) throws IOException {
    wire.say("a3 URLFETCH \"" + url + "\"");
    Optional<Optional<Reply>> result = Optional.empty();
    for (int lines = 0; lines < MAX_LINES; lines++) {
      var line = wire.line();
      if (line.startsWith("a3 ")) {
        wire.say("a4 LOGOUT");
        return outcome(line, result);
      }
      if (ImapWire.isResponse(line, RESPONSE)) {
        if (result.isPresent()) {
          throw new IOException("it answers twice");
        }
        result = Optional.of(content(line.substring(RESPONSE.length()).strip(), message, maxBytes));
        if (result.get().isPresent()) {
          return result.get();
        }
      }
    }
    throw new IOException("it says too much");
  }

  /** RFC 4467 §7, URLFETCH: NO is for a fault of the server, which may be mended by and by. */
  private static Optional<Reply> outcome(String line, Optional<Optional<Reply>> result) {
    if (ImapWire.isResponse(line, "a3 NO")) {
      return Optional.of(ServerReplies.URL_UNRESOLVED_NOW);
    }
    return ImapWire.isResponse(line, "a3 OK")
        ? result.orElse(Optional.of(ServerReplies.URL_UNRESOLVED))
        : Optional.of(ServerReplies.URL_UNRESOLVED);
  }

  /** Takes the URL and what is behind it: {@code astring SP nstring} (RFC 4467 §9). */
  private Optional<Reply> content(String response, MessageSink message, long maxBytes) throws IOException {
    var value = wire.behindString(response);
    var octets = ImapWire.literal(value);
    if (octets.isPresent()) {
      return copy(octets.getAsLong(), message, maxBytes);
    }
    var quoted = ImapWire.quoted(value);
    if (quoted.isEmpty()) {
      return Optional.of(ServerReplies.URL_UNRESOLVED); // NIL: gone, or the token is wrong (RFC 4467 §8)
    }
    byte[] text = quoted.get().getBytes(StandardCharsets.ISO_8859_1);
    message.take(text, 0, text.length);
    return Optional.empty();
  }

  private Optional<Reply> copy(long octets, MessageSink message, long maxBytes) throws IOException {
    if (octets > maxBytes) {
      return Optional.of(ServerReplies.MESSAGE_TOO_BIG);
    }
    byte[] block = new byte[BLOCK];
    for (long left = octets; left > 0;) {
      int length = wire.read(block, (int) Math.min(left, block.length));
      if (length < 0) {
        throw new EOFException("it closed in the middle of the message");
      }
      message.take(block, 0, length);
      if (message.isFull()) {
        message.drain();
      }
      left -= length;
    }
    if (!wire.line().isBlank()) {
      throw new IOException("it says something else behind the message");
    }
    return Optional.empty();
  }

  /** Says {@code text} and returns the tagged answer to it. */
  private String command(String text) throws IOException {
    wire.say(text);
    for (int lines = 0; lines < MAX_LINES; lines++) {
      var line = wire.line();
      if (!line.startsWith("* ")) {
        return line;
      }
    }
    throw new IOException("it says too much");
  }

  private static void require(String answer) throws IOException {
    if (!answer.matches("(?i)a[0-9] OK.*")) {
      throw new IOException("it refuses us: " + answer);
    }
  }

  @Override
  public void close() throws IOException {
    limit.close();
    socket.close();
  }
}
