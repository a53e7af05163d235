package org.posthorn.testkit;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/** One connection as a test server sees it: command lines and message content in, octets out. For one thread. */
final class Wire implements AutoCloseable {
  private static final int MAX_LINE_BYTES = 1 << 20;
  private static final byte[] END_OF_DATA = ".\r\n".getBytes(StandardCharsets.US_ASCII);

  private final SocketChannel channel;
  private final ByteBuffer buffer = ByteBuffer.allocate(16 * 1024).flip();
  private Optional<SSLSocket> encrypted = Optional.empty();

  Wire(SocketChannel channel) {
    this.channel = channel;
  }

  /**
   * Reads a command without its CRLF, as UTF-8 when it is and as ISO-8859-1 otherwise; a line that ends with a bare LF
   * keeps it. Throws EOFException when the peer has closed.
   */
  String readCommand() throws IOException {
    byte[] line = readLine();
    int length = endsWithCrLf(line) ? line.length - 2 : line.length;
    ByteBuffer octets = ByteBuffer.wrap(line, 0, length);
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(octets).toString();
    } catch (CharacterCodingException _) {
      return new String(line, 0, length, StandardCharsets.ISO_8859_1);
    }
  }

  /** Reads dot-stuffed content up to CRLF.CRLF, which only counts with both CRs, and returns it unstuffed. */
  byte[] readMessage() throws IOException {
    var content = new ByteArrayOutputStream();
    boolean atLineStart = true;
    while (true) {
      byte[] line = readLine();
      if (atLineStart && Arrays.equals(line, END_OF_DATA)) {
        return content.toByteArray();
      }
      int from = atLineStart && line[0] == '.' ? 1 : 0;
      content.write(line, from, line.length - from);
      atLineStart = endsWithCrLf(line);
    }
  }

  /** Makes a TLS handshake as the server, with all that was not read yet as its beginning. */
  void startTls(SSLContext context) throws IOException {
    var begun = new byte[buffer.remaining()];
    buffer.get(begun);
    var socket = (SSLSocket) context.getSocketFactory()
        .createSocket(channel.socket(), new ByteArrayInputStream(begun), false);
    socket.startHandshake();
    encrypted = Optional.of(socket);
  }

  /** Reads exactly {@code count} octets. */
  byte[] readExactly(int count) throws IOException {
    byte[] octets = new byte[count];
    int done = 0;
    while (done < count) {
      fill();
      int some = Math.min(buffer.remaining(), count - done);
      buffer.get(octets, done, some);
      done += some;
    }
    return octets;
  }

  void write(byte[] octets) throws IOException {
    if (encrypted.isPresent()) {
      encrypted.get().getOutputStream().write(octets);
      return;
    }
    ByteBuffer rest = ByteBuffer.wrap(octets);
    while (rest.hasRemaining()) {
      channel.write(rest);
    }
  }

  /** Reads and drops everything until the peer closes. */
  void readToEnd() throws IOException {
    try {
      while (true) {
        fill();
        buffer.position(buffer.limit());
      }
    } catch (EOFException _) {
      return; // which is what we waited for
    }
  }

  /** Closes with a TCP reset instead of an orderly end; a Unix socket is closed as ever. */
  void reset() throws IOException {
    if (!(channel.getLocalAddress() instanceof UnixDomainSocketAddress)) {
      channel.setOption(StandardSocketOptions.SO_LINGER, 0);
    }
    channel.close();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  /** Reads up to and including LF. */
  private byte[] readLine() throws IOException {
    var line = new ByteArrayOutputStream();
    while (line.size() < MAX_LINE_BYTES) {
      fill();
      byte octet = buffer.get();
      line.write(octet);
      if (octet == '\n') {
        return line.toByteArray();
      }
    }
    throw new IOException("a line longer than " + MAX_LINE_BYTES + " octets");
  }

  /** Makes at least one octet available. */
  private void fill() throws IOException {
    if (buffer.hasRemaining()) {
      return;
    }
    buffer.clear();
    int count = read();
    buffer.flip();
    if (count < 0) {
      throw new EOFException("the client closed the connection");
    }
  }

  private int read() throws IOException {
    if (encrypted.isEmpty()) {
      return channel.read(buffer);
    }
    int count = encrypted.get().getInputStream().read(buffer.array());
    buffer.position(Math.max(count, 0));
    return count;
  }

  private static boolean endsWithCrLf(byte[] line) {
    return line.length >= 2 && line[line.length - 2] == '\r' && line[line.length - 1] == '\n';
  }
}
