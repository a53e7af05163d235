package org.posthorn.delivery.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthorn.smtp.Domain;
import org.posthorn.testkit.TestTls;

class SessionResumptionTest {
  @TempDir
  private Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
  void aServerThatIsMetAgainGoesOnWithTheSession(String version) throws Exception {
    var authorities = Authorities.read(TestTls.authority(folder));
    var tls = new ClientTls(authorities);
    try (var server = (SSLServerSocket) TestTls.server("peer")
        .getServerSocketFactory()
        .createServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      server.setEnabledProtocols(new String[]{version});
      var sessions = new ConcurrentLinkedQueue<Long>();
      var serving = Thread.ofVirtual().start(() -> greet(server, 4, sessions));
      for (int i = 0; i < 3; i++) {
        meet(tls, server.getLocalPort(), version);
      }
      meet(new ClientTls(authorities), server.getLocalPort(), version);
      serving.join();
      var all = List.copyOf(sessions);
      assertThat(all.subList(0, 3)).containsOnly(all.getFirst()); // a resumed session is as old as the first
      assertThat(all.getLast()).isGreaterThan(all.getFirst());
    }
  }

  private static void greet(SSLServerSocket server, int clients, Queue<Long> sessions) {
    try {
      for (int i = 0; i < clients; i++) {
        try (var client = (SSLSocket) server.accept()) {
          client.getOutputStream().write("220 hello\r\n".getBytes(StandardCharsets.US_ASCII));
          assertThat(client.getInputStream().read()).isNegative();
          sessions.add(client.getSession().getCreationTime());
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void meet(ClientTls tls, int port, String version) throws IOException {
    try (var plain = new Socket(InetAddress.getLoopbackAddress(), port)) {
      var encrypted = tls.encrypt(plain, Domain.of("mx1.peer.example"));
      assertThat(encrypted.facts().version()).isEqualTo(version);
      assertThat(encrypted.facts().doubt()).isEmpty(); // of a resumed session it is known, too, who is there
      assertThat(new String(encrypted.socket().getInputStream().readNBytes(11), StandardCharsets.US_ASCII))
          .isEqualTo("220 hello\r\n");
      encrypted.socket().close();
    }
  }
}
