package org.posthorn.delivery.sevenbit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthorn.smtp.BodyType;

/** What came by BINARYMIME and has to become lines (RFC 3030 §3). */
class BinaryConversionTest {
  private static final String HEADER = "MIME-Version: 1.0\r\nContent-Type: %s\r\nContent-Transfer-Encoding: binary\r\n\r\n";

  @ParameterizedTest
  @ValueSource(strings = {"a\rb", "a\nb\r\n", "\0", "\r", "\n", "\r\r\n", "x\u00ff\r\n", "\u0080\0\r\n\n\r"})
  void encodesWhatIsNoLinesWithoutLossOfAnOctet(String body) throws Exception {
    String converted = text(convert(HEADER.formatted("image/gif") + body));

    assertThat(converted)
        .startsWith("MIME-Version: 1.0\r\nContent-Type: image/gif\r\nContent-Transfer-Encoding: base64\r\n\r\n");
    var encoded = converted.substring(converted.indexOf("\r\n\r\n") + 4);
    assertThat(new String(Base64.getMimeDecoder().decode(encoded), StandardCharsets.ISO_8859_1)).isEqualTo(body);
    assertThat(converted).matches("(?s)([ -~]{0,998}\r\n)*");
  }

  @Test
  void leavesFoldedFieldsAsTheyAre() throws Exception {
    String folded = "Received: from x\r\n\tby y;\r\n Sun, 22 Nov 2026 14:29:11 +0000\r\n";
    assertThat(text(convert(folded + HEADER.formatted("image/gif") + "\0"))).startsWith(folded);
  }

  @Test
  void encodesLinesThatAreTooLong() throws Exception {
    String body = "x".repeat(999) + "\r\n";
    assertThat(text(convert(HEADER.formatted("text/plain") + body))).contains("Encoding: base64\r\n");
    assertThat(text(convert(HEADER.formatted("text/plain") + body.substring(1)))).contains("Encoding: 7bit\r\n");
  }

  @Test
  void callsBinaryWhatItIsWhenItIsLines() throws Exception {
    assertThat(text(convert(HEADER.formatted("text/plain") + "only lines\r\n")))
        .isEqualTo(HEADER.formatted("text/plain").replace("binary", "7bit") + "only lines\r\n");
    assertThat(text(convert(HEADER.formatted("text/plain; charset=utf-8") + "\u00c3\u00bc\r\n")))
        .isEqualTo(HEADER.formatted("text/plain; charset=utf-8").replace("binary", "quoted-printable") + "=C3=BC\r\n");
  }

  @Test
  void convertsEachPartForItself() throws Exception {
    String message = HEADER.formatted("multipart/mixed; boundary=b") + """
                                                                       --b

                                                                       plain
                                                                       --b
                                                                       Content-Type: application/octet-stream
                                                                       Content-Transfer-Encoding: binary

                                                                       \0\1
                                                                       --b--
                                                                       """.replace("\n", "\r\n");
    assertThat(text(convert(message)))
        .isEqualTo(HEADER.formatted("multipart/mixed; boundary=b").replace("binary", "7bit")
            + """
              --b

              plain
              --b
              Content-Type: application/octet-stream
              Content-Transfer-Encoding: base64

              AAE=
              --b--
              """.replace("\n", "\r\n"));
  }

  @ParameterizedTest
  @ValueSource(strings = {
      "Content-Type: multipart/signed; boundary=b\r\n\r\n--b\r\n\r\n\0\r\n--b--\r\n",
      "Content-Type: multipart/mixed; boundary=b\r\n\r\nsmuggled\n.\r\n--b\r\n\r\nx\r\n--b--\r\n",
      "Subject: a\rb\r\n\r\nx\r\n",
      "Content-Type: image/gif\r\nContent-Transfer-Encoding: base64\r\n\r\nAA\0AA\r\n"})
  void saysWhatCannotBeConverted(String message) throws Exception {
    assertThat(convert(message)).isInstanceOf(Converted.Impossible.class);
  }

  private static Converted convert(String message) throws IOException {
    return SevenBitConversion.convert(
        SevenBitConversionTest.content(message.getBytes(StandardCharsets.ISO_8859_1)), BodyType.BINARY_MIME);
  }

  private static String text(Converted converted) throws IOException {
    var content = ((Converted.Rewritten) converted).content();
    try (var in = content.open()) {
      byte[] octets = in.readAllBytes();
      assertThat(content.size()).isEqualTo(octets.length);
      return new String(octets, StandardCharsets.ISO_8859_1);
    }
  }
}
