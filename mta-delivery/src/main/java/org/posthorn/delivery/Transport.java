package org.posthorn.delivery;

import java.io.Closeable;
import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.SSLSocket;
import org.posthorn.delivery.tls.ClientTls;

/**
 * Octets to and from a peer, over TCP or a Unix socket, with a limit on how long the current step may take. Used by one
 * thread; only the {@link Watchdog} looks in from outside.
 */
final class Transport implements Closeable {
  private static final long NO_LIMIT = Long.MAX_VALUE;

  private final Watchdog watchdog;
  private final Closeable socket;
  private final long opened = System.nanoTime();
  private volatile long deadline = NO_LIMIT; // in nanoseconds since opened
  private volatile boolean late;
  private Optional<SSLSocket> encrypted = Optional.empty(); // the lane's, not the watchdog's

  private Transport(Watchdog watchdog, Closeable socket) {
    this.watchdog = watchdog;
    this.socket = socket;
  }

  /** What flows over a connection. */
  record Connected(Transport transport, InputStream in, OutputStream out) {}

  /** Connects to {@code address}; throws SocketTimeoutException when that takes longer than {@code limit}. */
  static Connected connect(SocketAddress address, Duration limit, Watchdog watchdog) throws IOException {
    return address instanceof InetSocketAddress ? tcp(address, limit, watchdog) : unix(address, limit, watchdog);
  }

  /** Goes on over a connection that the other side opened. */
  static Connected over(Reversed reversed, Watchdog watchdog) {
    var transport = new Transport(watchdog, reversed.socket());
    watchdog.watch(transport);
    return transport.connected(reversed.in(), reversed.out());
  }

  /** By a channel, which an interrupt of the thread that waits for it closes; a socket on a thread of the system hears none. */
  private static Connected tcp(SocketAddress address, Duration limit, Watchdog watchdog) throws IOException {
    var channel = SocketChannel.open();
    return connect(channel, address, limit, watchdog, transport -> {
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true); // we write whole batches
      return transport.connected(channel.socket().getInputStream(), channel.socket().getOutputStream());
    });
  }

  private static Connected unix(SocketAddress address, Duration limit, Watchdog watchdog) throws IOException {
    var channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    return connect(channel, address, limit, watchdog,
        transport -> transport.connected(Channels.newInputStream(channel), Channels.newOutputStream(channel)));
  }

  private interface Streams {
    Connected of(Transport transport) throws IOException;
  }

  private static Connected connect(SocketChannel channel, SocketAddress address, Duration limit, Watchdog watchdog,
      Streams streams) throws IOException {
    var transport = new Transport(watchdog, channel);
    try {
      watchdog.watch(transport);
      transport.limit(limit);
      transport.timely(() -> channel.connect(address));
      return streams.of(transport);
    } catch (IOException | RuntimeException e) {
      transport.close();
      throw e;
    }
  }

  /** Makes a TLS handshake. */
  interface Handshake {
    /** Makes it over {@code plain}; throws IOException when the connection is of no use any more. */
    ClientTls.Encrypted over(Socket plain) throws IOException;
  }

  /** What flows over a connection now that it is encrypted. */
  record Secured(Connected connected, ClientTls.Encrypted encrypted) {}

  /** Encrypts the connection, which goes over TCP. What is read and written besides the result from now on breaks it. */
  Secured encrypt(Handshake handshake) throws IOException {
    // Over the channel's own socket: whatever closes the channel, an interrupt or the watchdog, ends a wait of TLS too.
    if (!(socket instanceof SocketChannel channel)) {
      throw new IOException("this connection is not ours to encrypt");
    }
    var plain = channel.socket();
    var done = timely(() -> handshake.over(plain));
    encrypted = Optional.of(done.socket());
    var arriving = plain.getInputStream();
    var in = new FilterInputStream(done.socket().getInputStream()) {
      @Override
      public int available() throws IOException {
        return super.available() + arriving.available(); // TLS itself does not look what is there
      }
    };
    return new Secured(connected(in, done.socket().getOutputStream()), done);
  }

  /** Tells an encrypted peer that nothing more comes (RFC 8446 §6.1). */
  void sayEnd() throws IOException {
    if (encrypted.isPresent()) {
      timely(() -> {
        encrypted.get().shutdownOutput();
        return true;
      });
    }
  }

  /** Begins a step: reading and writing fail with SocketTimeoutException once {@code limit} is over. */
  void limit(Duration limit) {
    deadline = System.nanoTime() - opened + limit.toNanos();
  }

  /** Ends a step, so that the connection may be idle. */
  void unlimited() {
    deadline = NO_LIMIT;
  }

  /** Breaks the connection when the current step is over its limit; whoever reads or writes is told so. */
  void breakIfLate(long nanoTime) {
    if (nanoTime - opened > deadline) {
      late = true;
      close();
    }
  }

  /** Drops the connection without a word. */
  @Override
  public void close() {
    watchdog.forget(this);
    try {
      socket.close();
    } catch (IOException _) {
      // nothing was left to be written
    }
  }

  private Connected connected(InputStream in, OutputStream out) {
    return new Connected(this, new FilterInputStream(in) {
      @Override
      public int read() throws IOException {
        return timely(super::read);
      }

      @Override
      public int read(byte[] buffer, int offset, int length) throws IOException {
        return timely(() -> in.read(buffer, offset, length));
      }
    }, new FilterOutputStream(out) {
      @Override
      public void write(byte[] buffer, int offset, int length) throws IOException {
        timely(() -> {
          out.write(buffer, offset, length);
          return length;
        });
      }
    });
  }

  private interface Step<T> {
    T run() throws IOException;
  }

  private <T> T timely(Step<T> step) throws IOException {
    try {
      return step.run();
    } catch (IOException e) {
      if (late) {
        throw new SocketTimeoutException("no answer in time");
      }
      throw e;
    }
  }
}
