package org.posthorn.daemon.inbound;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.posthorn.daemon.Pieces;
import org.posthorn.delivery.tls.Authorities;
import org.posthorn.delivery.tls.ClientTls;

/** Whatever an IMAP server says to BURL, what comes of it is bounded, and a reply or an IOException. */
class ImapFuzzTest {
  private static final int MAX_BYTES = 1000;
  private static final String BEGIN = "* OK ready\r\n+\r\na2 OK\r\n";
  private static final List<String> PIECES = List.of("* OK ready\r\n", "+\r\n", "+ \r\n", "a2 OK\r\n", "a2 NO\r\n",
      "a3 OK\r\n",
      "a3 NO x\r\n", "* URLFETCH \"x\" {5}\r\n", "abcde", "\r\n", "* URLFETCH \"x\" \"y\"\r\n", "* URLFETCH x NIL\r\n",
      "* URLFETCH x {999999999999999999}\r\n", "* URLFETCH x ~{3}\r\n", "* URLFETCH x {-1}\r\n",
      "* URLFETCH x {5+}\r\n",
      "* URLFETCH x \"a\\\"b\"\r\n", "* URLFETCH x \"unclosed\r\n", "* BYE\r\n", "\0", "\u00ff", "x".repeat(900),
      BEGIN, BEGIN, BEGIN, BEGIN, BEGIN + "* URLFETCH x {5}\r\nabcde\r\na3 OK\r\n");

  static LongStream seeds() {
    return LongStream.range(0, 300);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void takesPiecesWithinBounds(long seed) throws IOException {
    takesWithinBounds(Pieces.of(seed, PIECES));
  }

  @FuzzTest
  void takesWithinBounds(byte[] input) throws IOException {
    var sink = new TakenContent();
    try (var door = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      Thread.ofVirtual().start(() -> say(door, input));
      var place = new BurlSettings.Place("127.0.0.1", door.getLocalPort());
      try (var imap = ImapFetch.open(new BurlSettings.Server("imap.example.org", place, BurlSettings.Tls.NONE, "submit",
          "secret", new ClientTls(Authorities.OF_SYSTEM)))) {
        imap.fetch("imap://x/y", sink, MAX_BYTES)
            .ifPresent(refusal -> assertThat(refusal.code()).isGreaterThanOrEqualTo(400));
      } catch (IOException e) {
        assertThat(e.getMessage()).isNotNull();
      }
    }
    assertThat(sink.text().length()).isLessThanOrEqualTo(Math.max(MAX_BYTES, input.length));
  }

  private static void say(ServerSocket door, byte[] input) {
    try (var client = door.accept()) {
      client.getOutputStream().write(input);
      client.shutdownOutput();
      var _ = client.getInputStream().readAllBytes();
    } catch (IOException _) {
      // the client has heard enough
    }
  }
}
