package org.posthorn.daemon.inbound;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.posthorn.daemon.inbound.BurlSettings.Server;
import org.posthorn.daemon.inbound.BurlSettings.Tls;
import org.posthorn.smtp.Reply;

/**
 * Fetches by URLFETCH (RFC 4467 §6.3) as much as one BURL asks for. Everything is bounded: lines, octets, and the time of it
 * all. One thread.
 */
final class ImapFetch implements AutoCloseable {
  private static final int CONNECT_MILLIS = 10_000;
  private static final int SILENCE_MILLIS = 60_000;
  private static final int MAX_MINUTES = 5;
  private static final int MAX_LINE = 16 * 1024;
  private static final int MAX_LINES = 1000;
  private static final int BLOCK = 16 * 1024;
  private static final Pattern LITERAL = Pattern.compile(".*~?\\{([0-9]{1,18})}");
  private static final Pattern QUOTED = Pattern.compile(".* \"((?:[^\"\\\\]++|\\\\.)*+)\"");

  private final CountDownLatch done;
  private Socket socket;
  private InputStream in;

  private ImapFetch(Socket socket, CountDownLatch done) throws IOException {
    this.done = done;
    this.socket = socket;
    this.in = new BufferedInputStream(socket.getInputStream());
  }

  /** Connects and logs in; throws IOException with what the server said when it will not have us. */
  static ImapFetch open(Server server) throws IOException {
    var socket = new Socket();
    var done = new CountDownLatch(1);
    try {
      socket.connect(server.place(), CONNECT_MILLIS);
      socket.setSoTimeout(SILENCE_MILLIS);
      var imap = new ImapFetch(server.tls() == Tls.IMPLICIT ? encrypted(socket, server) : socket, done);
      Thread.ofVirtual().name("burl-time-limit").start(imap::endInTime);
      imap.begin(server);
      return imap;
    } catch (IOException | RuntimeException e) {
      done.countDown();
      socket.close();
      throw e;
    }
  }

  private void endInTime() {
    try {
      if (!done.await(MAX_MINUTES, TimeUnit.MINUTES)) {
        socket.close();
      }
    } catch (InterruptedException | IOException _) {
      Thread.currentThread().interrupt();
    }
  }

  private static SSLSocket encrypted(Socket socket, Server server) throws IOException {
    var factory = (SSLSocketFactory) SSLSocketFactory.getDefault();
    int colon = server.authority().lastIndexOf(':');
    String host = colon > 0 ? server.authority().substring(0, colon) : server.authority();
    var encrypted = (SSLSocket) factory.createSocket(socket, host, socket.getPort(), true);
    var parameters = encrypted.getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS"); // the name in the certificate counts
    encrypted.setSSLParameters(parameters);
    encrypted.startHandshake();
    return encrypted;
  }

  private void begin(Server server) throws IOException {
    var greeting = line();
    if (!greeting.startsWith("* OK")) {
      throw new IOException("it greets with " + greeting);
    }
    if (server.tls() == Tls.STARTTLS) {
      require(command("a1 STARTTLS"));
      socket = encrypted(socket, server);
      in = new BufferedInputStream(socket.getInputStream()); // what came in clear is forgotten
    }
    say("a2 AUTHENTICATE PLAIN");
    var answer = line();
    if (!answer.startsWith("+")) {
      throw new IOException("it does not let us in: " + answer);
    }
    var secret = "\0" + server.user() + "\0" + server.password();
    require(command(Base64.getEncoder().encodeToString(secret.getBytes(StandardCharsets.UTF_8))));
  }

  /** Puts what is behind {@code url} into {@code message}; returns why that cannot be done. */
  Optional<Reply> fetch(String url, MessageSink message, long maxBytes) throws IOException {
    say("a3 URLFETCH \"" + url + "\"");
    var result = Optional.of(ServerReplies.URL_UNRESOLVED);
    for (int lines = 0; lines < MAX_LINES; lines++) {
      var line = line();
      if (line.startsWith("a3 ")) {
        say("a4 LOGOUT");
        return line.startsWith("a3 OK") ? result : Optional.of(ServerReplies.URL_UNRESOLVED);
      }
      if (line.startsWith("* URLFETCH ")) {
        result = content(line, message, maxBytes);
        if (result.isPresent()) {
          return result;
        }
      }
    }
    throw new IOException("it says too much");
  }

  private Optional<Reply> content(String line, MessageSink message, long maxBytes) throws IOException {
    var literal = LITERAL.matcher(line);
    var quoted = QUOTED.matcher(line);
    if (literal.matches()) {
      long octets = Long.parseLong(literal.group(1));
      if (octets > maxBytes) {
        return Optional.of(ServerReplies.MESSAGE_TOO_BIG);
      }
      copy(octets, message);
      line(); // the rest of the response
      return Optional.empty();
    }
    if (quoted.matches() && !line.endsWith(" NIL")) {
      byte[] text = quoted.group(1).replaceAll("\\\\(.)", "$1").getBytes(StandardCharsets.ISO_8859_1);
      message.take(text, 0, text.length);
      return Optional.empty();
    }
    return Optional.of(ServerReplies.URL_UNRESOLVED); // NIL: gone, or the token is wrong (RFC 4467 §6.3)
  }

  private void copy(long octets, MessageSink message) throws IOException {
    byte[] block = new byte[BLOCK];
    for (long left = octets; left > 0;) {
      int length = in.read(block, 0, (int) Math.min(left, block.length));
      if (length < 0) {
        throw new EOFException("it closed in the middle of the message");
      }
      message.take(block, 0, length);
      if (message.isFull()) {
        message.drain();
      }
      left -= length;
    }
  }

  /** Says {@code text} and returns the tagged answer to it. */
  private String command(String text) throws IOException {
    say(text);
    for (int lines = 0; lines < MAX_LINES; lines++) {
      var line = line();
      if (!line.startsWith("* ")) {
        return line;
      }
    }
    throw new IOException("it says too much");
  }

  private static void require(String answer) throws IOException {
    if (!answer.matches("a[0-9] OK.*")) {
      throw new IOException("it refuses us: " + answer);
    }
  }

  private void say(String text) throws IOException {
    var out = socket.getOutputStream();
    out.write((text + "\r\n").getBytes(StandardCharsets.UTF_8));
    out.flush();
  }

  private String line() throws IOException {
    var line = new StringBuilder();
    for (int octet = in.read(); octet != '\n'; octet = in.read()) {
      if (octet < 0) {
        throw new EOFException("it closed the connection");
      }
      if (line.length() == MAX_LINE) {
        throw new IOException("its line is too long");
      }
      line.append((char) octet);
    }
    return line.toString().stripTrailing();
  }

  @Override
  public void close() throws IOException {
    done.countDown();
    socket.close();
  }
}
