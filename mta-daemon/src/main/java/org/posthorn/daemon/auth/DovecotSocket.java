package org.posthorn.daemon.auth;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.posthorn.daemon.socket.TimeLimit;

/**
 * Where a Dovecot answers who a client is: its authentication protocol, version 1, which Postfix and Exim speak to it too.
 * Safe for use by many threads.
 *
 * @see <a href="https://doc.dovecot.org/developer_manual/design/auth_protocol/">the protocol</a>
 */
public final class DovecotSocket implements UserDirectory {
  private static final Duration TIME_LIMIT = Duration.ofMinutes(2);
  private static final int MAX_LINES = 1000;
  private static final int MAX_LINE_CHARS = 16_384;

  /** What it was last heard to have; before that, what every Dovecot has. */
  private final AtomicReference<List<Mechanism>> mechanisms = new AtomicReference<>(
      List.of(Mechanism.PLAIN, Mechanism.LOGIN));
  private final String place;

  /** @param place the path of a Unix socket, or {@code host:port}, where the host is an address */
  public DovecotSocket(String place) {
    this.place = place;
  }

  /** Returns the mechanisms that it was last heard to have. */
  List<Mechanism> mechanisms() {
    return mechanisms.get();
  }

  /** Opens a connection, whose owner closes it. Blocks. */
  Connection open() throws IOException {
    return new Connection(connect());
  }

  private SocketChannel connect() throws IOException {
    if (place.contains("/")) {
      var channel = SocketChannel.open(StandardProtocolFamily.UNIX);
      try {
        channel.connect(UnixDomainSocketAddress.of(Path.of(place)));
        return channel;
      } catch (IOException e) {
        channel.close();
        throw e;
      }
    }
    int colon = place.lastIndexOf(':');
    return SocketChannel.open(
        new InetSocketAddress(place.substring(0, colon), Integer.parseInt(place.substring(colon + 1))));
  }

  /** Two are the same when they are at the same place. */
  @Override
  public boolean equals(Object other) {
    return other instanceof DovecotSocket socket && socket.place.equals(place);
  }

  @Override
  public int hashCode() {
    return place.hashCode();
  }

  @Override
  public String toString() {
    return place;
  }

  /** One connection, for one exchange. Used by one thread at a time; broken off after two minutes. */
  final class Connection implements AutoCloseable {
    private final SocketChannel channel;
    private final BufferedReader in;
    private final TimeLimit limit;

    private Connection(SocketChannel channel) throws IOException {
      this.channel = channel;
      this.in = new BufferedReader(new InputStreamReader(Channels.newInputStream(channel), StandardCharsets.UTF_8));
      this.limit = TimeLimit.of(TIME_LIMIT, channel);
      try {
        send("VERSION\t1\t1", "CPID\t" + ProcessHandle.current().pid());
        readGreeting();
      } catch (IOException e) {
        close();
        throw e;
      }
    }

    private void readGreeting() throws IOException {
      var offered = new ArrayList<Mechanism>();
      var words = receive();
      for (int lines = 0; !words.getFirst().equals("DONE"); lines++) {
        if (lines > MAX_LINES || (words.getFirst().equals("VERSION") && !words.get(1).equals("1"))) {
          throw new IOException("it does not speak version 1 of the protocol");
        }
        if (words.getFirst().equals("MECH")) {
          Optional.of(words.get(1)).flatMap(Mechanism::named).ifPresent(offered::add);
        }
        words = receive();
      }
      mechanisms.set(List.copyOf(offered));
    }

    void send(String... lines) throws IOException {
      var octets = ByteBuffer.wrap((String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8));
      while (octets.hasRemaining()) {
        channel.write(octets);
      }
    }

    /** Returns the words of the next line, at least two; a missing one is empty. */
    List<String> receive() throws IOException {
      var line = new StringBuilder();
      for (int c = in.read(); c != '\n'; c = in.read()) {
        if (c < 0 || line.length() > MAX_LINE_CHARS) {
          throw new IOException("it broke off");
        }
        line.append((char) c);
      }
      return List.of((line + (line.indexOf("\t") < 0 ? "\t" : "")).split("\t", -1));
    }

    @Override
    public void close() {
      limit.close();
      try {
        channel.close();
      } catch (IOException _) {
        // nothing is lost with it
      }
    }
  }
}
