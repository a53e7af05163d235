package org.posthorn.daemon.inbound.netty;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.posthorn.daemon.Pieces;
import org.posthorn.daemon.inbound.Client;

/** However the octets of a PROXY header are cut, it is read once or refused, and nothing behind it is lost or read twice. */
class ProxyFuzzTest {
  private static final int MAX_OCTETS = 6000;
  private static final List<String> PIECES = List.of("PROXY ", "TCP4 ", "TCP6 ", "UNKNOWN", "UDP4 ", "192.0.2.9 ",
      "192.0.2.1 ", "2001:db8::9 ", "40000 ", "25", "65536 ", "\r\n", "\n", "\r", "EHLO x\r\n",
      "PROXY TCP4 192.0.2.9 192.0.2.1 40000 25\r\n", "PROXY TCP6 2001:db8::9 ::1 1 25\r\n", "PROXY UNKNOWN\r\n",
      "\r\n\r\n\0\r\nQUIT\n", "!\u0011\0\u000c", " \0\0\0", "!!\0$",
      "\u00c0\0\u0002\u0009\u00c0\0\u0002\u0001\u009c@\0\u0019",
      "\r\n\r\n\0\r\nQUIT\n!\u0011\0\u000c\u00c0\0\u0002\u0009\u00c0\0\u0002\u0001\u009c@\0\u0019",
      "\r\n\r\n\0\r\nQUIT\n \0\0\0", "\u0004\0\u0001\0", "!\u0011\u00ff\u00ff", "x".repeat(120));

  private record Outcome(List<Optional<InetAddress>> found, boolean isOpen, String behind) {}

  static LongStream seeds() {
    return LongStream.range(0, 1000);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void isTheSameHoweverPiecesAreCut(long seed) {
    isTheSameHoweverItIsCut(Pieces.of(seed, PIECES));
  }

  /** The first octet says how long the parts are. */
  @FuzzTest
  void isTheSameHoweverItIsCut(byte[] input) {
    if (input.length > 1 && input.length < MAX_OCTETS) {
      var said = new String(input, 1, input.length - 1, StandardCharsets.ISO_8859_1);
      var whole = outcome(said, said.length());
      assertThat(outcome(said, 1 + (input[0] & 0x1f))).isEqualTo(whole);
      assertThat(whole.found()).hasSizeLessThanOrEqualTo(1);
      assertThat(said).endsWith(whole.behind());
      if (whole.found().isEmpty()) {
        assertThat(whole.behind()).as("nothing is served without a header").isEmpty();
      } else {
        assertThat(said).matches("(?s)(PROXY (TCP[46]|UNKNOWN).*\r\n.*|\r\n\r\n\0\r\nQUIT\n[ !].*)");
      }
    }
  }

  private static Outcome outcome(String said, int length) {
    var channel = new TalkedChannel();
    var found = new ArrayList<Optional<InetAddress>>();
    var behind = new StringBuilder();
    var proxy = new Client(InetAddress.ofLiteral("192.0.2.5"), true);
    channel.pipeline().addLast(new ProxyHeader(proxy, Duration.ofSeconds(30), source -> {
      found.add(source);
      channel.pipeline().addLast(new Listening(behind));
    }));
    channel.pipeline().fireChannelActive();
    for (int at = 0; at < said.length(); at += length) {
      channel.send(said.substring(at, Math.min(said.length(), at + length)));
    }
    boolean isOpen = channel.isOpen();
    channel.finishAndReleaseAll();
    return new Outcome(found, isOpen, behind.toString());
  }

  /** Takes what is behind the header. */
  private static final class Listening extends ChannelInboundHandlerAdapter {
    private final StringBuilder behind;

    Listening(StringBuilder behind) {
      this.behind = behind;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      var octets = (ByteBuf) message;
      behind.append(octets.toString(StandardCharsets.ISO_8859_1));
      octets.release();
    }
  }
}
