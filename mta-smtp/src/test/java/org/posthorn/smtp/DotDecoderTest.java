package org.posthorn.smtp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DotDecoderTest {
  private static final RandomGenerator RANDOM = new Random(5321);

  @ParameterizedTest(name = "{0}")
  @CsvSource({"test\\r\\n.\\r\\n, test\\r\\n", ".\\r\\n, ''", "..a\\r\\n.\\r\\n, .a\\r\\n", ".a\\r\\n.\\r\\n, a\\r\\n",
      "...\\r\\n.\\r\\n, ..\\r\\n", "a\\n.\\r\\nb\\r\\n.\\r\\n, a\\n.\\r\\nb\\r\\n",
      "a\\r\\n.\\nb\\r\\n.\\r\\n, a\\r\\n\\nb\\r\\n",
      "a\\r\\n.\\r\\r\\n.\\r\\n, a\\r\\n\\r\\r\\n", "\\r.\\r\\nb\\r\\n.\\r\\n, \\r.\\r\\nb\\r\\n"})
  void removesTransparencyAndEndsOnlyAtCrlfDotCrlf(String wire, String content) throws IOException {
    var decoded = decode(wire.translateEscapes() + "QUIT", wire.length());
    assertThat(decoded.content).isEqualTo(content.translateEscapes());
    assertThat(decoded.rest).isEqualTo("QUIT");
  }

  @Test
  void agreesWithANaiveReaderHoweverTheOctetsAreSplit() throws IOException {
    for (int round = 0; round < 20_000; round++) {
      String wire = randomText() + "\r\n.\r\nQUIT";
      var decoded = decode(wire, 1 + RANDOM.nextInt(12));
      assertThat(decoded).as(wire).isEqualTo(NaiveDotReader.read(wire));
    }
  }

  private static String randomText() {
    var text = new StringBuilder();
    for (int i = RANDOM.nextInt(40); i > 0; i--) {
      text.append("\r\n..a\r\n".charAt(RANDOM.nextInt(7)));
    }
    return text.toString();
  }

  private static Decoded decode(String wire, int pieceLength) throws IOException {
    var decoder = new DotDecoder();
    var content = new ByteArrayOutputStream();
    byte[] octets = wire.getBytes(ISO_8859_1);
    int at = 0;
    while (at < octets.length && !decoder.isEnded()) {
      at = decoder.take(octets, at, Math.min(at + pieceLength, octets.length),
          (piece, from, to) -> content.write(piece, from, to - from));
    }
    return new Decoded(content.toString(ISO_8859_1), wire.substring(at));
  }

  /** What was found, and what followed the end of data. */
  record Decoded(String content, String rest) {}

  /** The same by the book, one character at a time. */
  private static final class NaiveDotReader {
    static Decoded read(String wire) {
      var content = new StringBuilder();
      int at = 0;
      boolean lineStart = true;
      while (!(lineStart && wire.startsWith(".\r\n", at))) {
        if (lineStart && wire.charAt(at) == '.') {
          at++;
        }
        int end = wire.indexOf("\r\n", at) + 2;
        content.append(wire, at, end);
        at = end;
        lineStart = true;
      }
      return new Decoded(content.toString(), wire.substring(at + 3));
    }
  }
}
