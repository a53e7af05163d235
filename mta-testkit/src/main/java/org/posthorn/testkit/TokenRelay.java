package org.posthorn.testkit;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * Stands between two processes of Dovecot and says what one of them forgets. Its imap-urlauth-login asserts that the mechanism
 * DOVECOT-TOKEN is private, and its auth does not say so, so that each URLFETCH of another user's message ends in a panic
 * (2.3.19 of Debian 12, 2026-11-22).
 */
final class TokenRelay implements AutoCloseable {
  private static final String FORGETFUL = "MECH\tDOVECOT-TOKEN\n";
  private static final String COMPLETE = "MECH\tDOVECOT-TOKEN\tprivate\n";

  private final ServerSocketChannel listening;

  private TokenRelay(ServerSocketChannel listening) {
    this.listening = listening;
  }

  /** Listens at {@code place} for what is meant for {@code auth}. */
  static TokenRelay start(Path place, Path auth) throws IOException {
    Files.deleteIfExists(place);
    var listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    listening.bind(UnixDomainSocketAddress.of(place));
    Files.setPosixFilePermissions(place, PosixFilePermissions.fromString("rw-rw-rw-"));
    var relay = new TokenRelay(listening);
    Thread.ofVirtual().name("token-relay").start(() -> relay.serve(auth));
    return relay;
  }

  private void serve(Path auth) {
    try {
      while (true) {
        var client = listening.accept();
        var server = SocketChannel.open(UnixDomainSocketAddress.of(auth));
        Thread.ofVirtual().start(() -> pass(client, server));
        Thread.ofVirtual().start(() -> pass(server, client));
      }
    } catch (IOException _) {
      return; // closed
    }
  }

  private static void pass(SocketChannel from, SocketChannel to) {
    var buffer = ByteBuffer.allocate(64 * 1024);
    try (from; to) {
      while (from.read(buffer) >= 0) {
        var text = StandardCharsets.ISO_8859_1.decode(buffer.flip()).toString();
        to.write(StandardCharsets.ISO_8859_1.encode(text.replace(FORGETFUL, COMPLETE)));
        buffer.clear();
      }
    } catch (IOException _) {
      return; // the other side has closed
    }
  }

  @Override
  public void close() throws IOException {
    listening.close();
  }
}
