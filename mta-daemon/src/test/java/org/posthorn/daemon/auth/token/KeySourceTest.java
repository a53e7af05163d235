package org.posthorn.daemon.auth.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthorn.testkit.SettableClock;

/** Where keys come from that somebody else serves. */
class KeySourceTest {
  private static final String HEAD = "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n";

  private final SettableClock clock = new SettableClock(Instant.parse("2026-11-22T08:00:00Z"));

  @ParameterizedTest
  @ValueSource(strings = {"", "HTTP/1.1 200 OK\r\n", HEAD, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nx=1"})
  void doesNotWaitForWhatNeverComes(String answer) throws Exception {
    try (var server = serve(answer.formatted(10))) {
      var source = new KeySource(place(server), clock, Duration.ofMillis(300));
      assertTimeoutPreemptively(Duration.ofSeconds(60), () -> assertThat(source.keys(false)).isEmpty());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = "{\"keys\":[]}")
  void readsKeys(String keys) throws Exception {
    try (var server = serve(HEAD.formatted(keys.length()) + keys)) {
      assertThat(new KeySource(place(server), clock).keys(false)).isPresent();
    }
  }

  private static String place(ServerSocket server) {
    return "http://127.0.0.1:" + server.getLocalPort() + "/keys";
  }

  /** Answers the first who asks with {@code answer}, and says nothing more. */
  private static ServerSocket serve(String answer) throws IOException {
    var server = new ServerSocket(0, 10, InetAddress.ofLiteral("127.0.0.1"));
    Thread.ofVirtual().start(() -> {
      try (var client = server.accept()) {
        var in = client.getInputStream();
        for (int end = 0; end < 4;) { // the empty line behind the head
          int octet = in.read();
          end = octet == "\r\n\r\n".charAt(end) ? end + 1 : octet == '\r' ? 1 : 0;
        }
        client.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
        in.transferTo(java.io.OutputStream.nullOutputStream()); // until the client is gone
      } catch (IOException _) {
        // it is
      }
    });
    return server;
  }
}
