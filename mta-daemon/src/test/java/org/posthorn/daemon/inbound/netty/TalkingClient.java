package org.posthorn.daemon.inbound.netty;

import java.io.BufferedReader;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;

/** A client that sends what it is told to, octet by octet as written, and reads replies. */
final class TalkingClient implements AutoCloseable {
  private static final int PATIENCE_MILLIS = 60_000;

  private Socket socket;
  private BufferedReader replies;

  TalkingClient(InetSocketAddress server) throws IOException {
    this(server, new Socket());
  }

  /** Sends {@code ahead} in one piece with what it sends first. */
  TalkingClient(InetSocketAddress server, String ahead) throws IOException {
    this(server, new Socket() {
      private byte[] rest = ahead.getBytes(StandardCharsets.ISO_8859_1);

      @Override
      public OutputStream getOutputStream() throws IOException {
        return new FilterOutputStream(super.getOutputStream()) {
          @Override
          public void write(byte[] octets, int from, int length) throws IOException {
            var all = Arrays.copyOf(rest, rest.length + length);
            System.arraycopy(octets, from, all, rest.length, length);
            rest = new byte[0];
            out.write(all);
          }
        };
      }
    });
  }

  private TalkingClient(InetSocketAddress server, Socket fresh) throws IOException {
    socket = fresh;
    socket.connect(server, PATIENCE_MILLIS);
    socket.setSoTimeout(PATIENCE_MILLIS);
    replies = reader(socket);
  }

  private static BufferedReader reader(Socket socket) throws IOException {
    return new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
  }

  /** Goes on under TLS, asks for the server {@code name}, and returns what was agreed on. */
  SSLSession encrypt(SSLContext tls, String name) throws IOException {
    return encrypt(tls, name, _ -> {});
  }

  /** The same with other parameters. */
  SSLSession encrypt(SSLContext tls, String name, Consumer<SSLParameters> change) throws IOException {
    var encrypted = (SSLSocket) tls.getSocketFactory().createSocket(socket, name, socket.getPort(), true);
    var parameters = encrypted.getSSLParameters();
    parameters.setServerNames(List.of(new SNIHostName(name)));
    change.accept(parameters);
    encrypted.setSSLParameters(parameters);
    encrypted.startHandshake();
    socket = encrypted;
    replies = reader(encrypted);
    return encrypted.getSession();
  }

  /** Sends a line and returns the reply. */
  String ask(String line) throws IOException {
    send(line + "\r\n");
    return reply();
  }

  /** Sends text as it is. */
  void send(String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** Reads one reply, its lines joined by LF; empty at the end of the connection. */
  String reply() throws IOException {
    var reply = new StringBuilder();
    for (String line = replies.readLine(); line != null; line = replies.readLine()) {
      reply.append(line).append('\n');
      if (line.length() < 4 || line.charAt(3) != '-') {
        break;
      }
    }
    return reply.toString();
  }

  /** Reads so many replies. */
  List<String> replies(int count) throws IOException {
    var read = new ArrayList<String>(count);
    for (int i = 0; i < count; i++) {
      read.add(reply());
    }
    return read;
  }

  /** Sends {@code octet} again and again, slowly, until there is a reply, and returns that. */
  String trickle(String octet) throws IOException {
    socket.setSoTimeout(20);
    for (int i = 0; i < PATIENCE_MILLIS / 20; i++) {
      send(octet);
      try {
        return reply();
      } catch (SocketTimeoutException _) {
        // not yet
      }
    }
    throw new IOException("no reply");
  }

  /** Waits until the server has closed the connection, whatever it says before; a reset is an end as well. */
  void skipAll() throws IOException {
    try {
      var in = socket.getInputStream();
      while (in.read() >= 0) {
        // not of interest
      }
    } catch (SocketException _) {
      // the same
    }
  }

  /** Whether the server has nothing more to say. */
  boolean isClosedByServer() throws IOException {
    return replies.read() < 0;
  }

  void shutDownOutput() throws IOException {
    socket.shutdownOutput();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
