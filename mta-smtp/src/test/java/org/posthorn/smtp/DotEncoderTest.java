package org.posthorn.smtp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DotEncoderTest {
  @ParameterizedTest(name = "{0}")
  @CsvSource({"'', .\\r\\n", "a\\r\\n, a\\r\\n.\\r\\n", "a, a\\r\\n.\\r\\n", "a\\r, a\\r\\n.\\r\\n",
      "a\\n, a\\n\\r\\n.\\r\\n",
      ".\\r\\n, ..\\r\\n.\\r\\n", ".a\\r\\n..\\r\\n, ..a\\r\\n...\\r\\n.\\r\\n", "a\\n.\\n, a\\n..\\n\\r\\n.\\r\\n",
      "a.b\\r\\n.c, a.b\\r\\n..c\\r\\n.\\r\\n", "\\r\\n, \\r\\n.\\r\\n"})
  void doublesDotsAndEndsTheData(String content, String wire) throws IOException {
    byte[] octets = content.translateEscapes().getBytes(ISO_8859_1);
    for (int pieceLength = 1; pieceLength <= octets.length + 1; pieceLength++) {
      var out = new ByteArrayOutputStream();
      try (var encoder = new DotEncoder(out)) {
        for (int at = 0; at < octets.length; at += pieceLength) {
          encoder.write(octets, at, Math.min(pieceLength, octets.length - at));
        }
        encoder.finish();
      }
      assertThat(out.toString(ISO_8859_1)).isEqualTo(wire.translateEscapes());
    }
  }
}
