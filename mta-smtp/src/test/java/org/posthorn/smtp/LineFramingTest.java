package org.posthorn.smtp;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LineFramingTest {
  @Test
  void cutsLinesHoweverTheOctetsAreSplit() {
    String wire = "EHLO a\r\n\r\nNOOP x\ry\r\nNOOP\nQUIT\r\nNOÖP\r\nQUIT\r";
    for (int pieceLength = 1; pieceLength < wire.length(); pieceLength++) {
      assertThat(frame(wire.getBytes(UTF_8), pieceLength, 100)).containsExactly("EHLO a", "",
          "500 5.5.2 Lines must end with CRLF", "500 5.5.2 Lines must end with CRLF", "NOÖP");
    }
  }

  @Test
  void stopsBehindTheLineSoThatContentIsNotRead() {
    byte[] octets = "DATA\r\nSubject: x\r\n".getBytes(UTF_8);
    var framing = new LineFraming(100);
    assertThat(framing.take(octets, 0, octets.length)).isEqualTo(6);
    assertThat(framing.poll()).contains(new CommandLine.Text("DATA"));
    assertThat(framing.poll()).isEmpty();
    assertThat(framing.hasPartialLine()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(ints = {11, 12, 1000, 100_000})
  void dropsALineBeyondTheBoundUpToItsEnd(int length) {
    String wire = "a".repeat(length - 2) + "\r\nNOOP\r\n";
    assertThat(frame(wire.getBytes(UTF_8), 7, 10)).containsExactly("500 5.5.2 Line too long", "NOOP");
  }

  @Test
  void takesALineOfExactlyTheBound() {
    assertThat(frame("12345678\r\n".getBytes(UTF_8), 3, 10)).containsExactly("12345678");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 7, 5000, 100_000})
  void takesAnInitialResponseAsLongAsTheRfcAllows(int pieceLength) {
    String auth = "auth SCRAM-SHA-256-PLUS ";
    String wire = auth + "a".repeat(12_288) + "\r\n" + auth + "a".repeat(12_289) + "\r\nAUTHOR " + "a".repeat(2048)
        + "\r\nNOOP\r\n";
    assertThat(frame(wire.getBytes(UTF_8), pieceLength, 512)).containsExactly(auth + "a".repeat(12_288),
        "500 5.5.2 Line too long", "500 5.5.2 Line too long", "NOOP");
  }

  @Test
  void refusesWhatIsNotUtf8() {
    byte[] octets = {'a', (byte) 0xc3, '(', '\r', '\n'};
    assertThat(frame(octets, 10, 10)).containsExactly("500 5.5.2 Not UTF-8");
  }

  @Test
  void forgetsAPartialLineWhenReset() {
    var framing = new LineFraming(100);
    byte[] injected = "NOOP injected\r".getBytes(UTF_8);
    framing.take(injected, 0, injected.length);
    assertThat(framing.hasPartialLine()).isTrue();
    framing.reset();
    byte[] next = "\nQUIT\r\n".getBytes(UTF_8);
    framing.take(next, 0, next.length);
    assertThat(framing.poll()).get().isInstanceOf(CommandLine.Refused.class);
  }

  private static List<String> frame(byte[] octets, int pieceLength, int maxOctets) {
    var framing = new LineFraming(maxOctets);
    List<String> lines = new ArrayList<>();
    int at = 0;
    while (at < octets.length) {
      at = framing.take(octets, at, Math.min(at + pieceLength, octets.length));
      framing.poll().ifPresent(line -> lines.add(switch (line) {
        case CommandLine.Text(var text) -> text;
        case CommandLine.Refused(var reply) -> reply.toString();
      }));
    }
    return lines;
  }
}
