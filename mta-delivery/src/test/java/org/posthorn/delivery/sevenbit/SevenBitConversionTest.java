package org.posthorn.delivery.sevenbit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthorn.queue.MessageContent;
import org.posthorn.smtp.BodyType;

/** Texts are written with LF, and as ISO-8859-1 so that a letter is an octet; what is converted has CRLF. */
class SevenBitConversionTest {
  @ParameterizedTest(name = "{0}")
  @MethodSource("org.posthorn.delivery.sevenbit.ConversionExamples#all")
  void converts(ConversionExamples.Example example) throws Exception {
    var rewritten = (Converted.Rewritten) convertLines(content(example.before()));

    String result = text(rewritten.content());
    assertThat(result.replace("\r\n", "\n")).isEqualTo(example.after());
    assertThat(rewritten.content().size()).isEqualTo(result.length());
    assertThat(text(rewritten.content())).as("opened again").isEqualTo(result);
  }

  @Test
  void leavesAsciiAlone() throws Exception {
    assertThat(convertLines(content("Content-Transfer-Encoding: 8bit\n\nascii\n")))
        .isInstanceOf(Converted.AsIs.class);
  }

  @Test
  void namesUtf8InEncodedWordsThatDoNotPartCharacters() throws Exception {
    byte[] field = "Subject: ünïcödé-€uropa-ünïcödé\r\n\r\n".getBytes(StandardCharsets.UTF_8);
    var rewritten = (Converted.Rewritten) convertLines(content(field));

    assertThat(text(rewritten.content()).replace("\r\n", "\n"))
        .isEqualTo("""
                   Subject: =?utf-8?Q?=C3=BCn=C3=AFc=C3=B6d=C3=A9-=E2=82=AC?=
                    =?utf-8?Q?uropa-=C3=BCn=C3=AFc=C3=B6d?=
                    =?utf-8?Q?=C3=A9?=

                   """);
  }

  @ParameterizedTest
  @ValueSource(strings = {"multipart/signed; boundary=x", "multipart/encrypted; boundary=x", "multipart/mixed",
      "message/partial; id=a", "message/external-body; access-type=x", "multipart/mixed; boundary=\"ü\"",
      "text/plain\nContent-Transfer-Encoding: x-own"})
  void refusesWhatConversionWouldBreak(String type) throws Exception {
    assertThat(convertLines(content("Content-Type: " + type + "\n\n--x\n\nü\n--x--\n")))
        .isInstanceOf(Converted.Impossible.class);
  }

  @Test
  void refusesSignedPartsInsideOtherParts() throws Exception {
    assertThat(convertLines(content("""
                                    Content-Type: multipart/mixed; boundary=x

                                    --x
                                    Content-Type: multipart/signed; boundary=s

                                    --s
                                    Content-Type: message/rfc822

                                    Subject: ü

                                    text
                                    --s--
                                    --x--
                                    """))).isEqualTo(new Converted.Impossible(
        "the message cannot be sent as 7-bit text: it is signed or encrypted, and would be broken by that"));
  }

  @Test
  void refusesAStructureWithoutEnd() throws Exception {
    var message = new StringBuilder();
    for (int depth = 0; depth <= MimeScanner.MAX_DEPTH; depth++) {
      message.append("Content-Type: multipart/mixed; boundary=b")
          .append(depth)
          .append("\n\n--b")
          .append(depth)
          .append('\n');
    }
    assertThat(convertLines(content(message + "\nü\n"))).isInstanceOf(Converted.Impossible.class);
  }

  @Test
  void needsLittleMemoryForEndlessLinesAndFields() throws Exception {
    String field = "X: " + "é".repeat(300_000);
    String body = "ü".repeat(300_000) + "--x\r" + "-".repeat(8190) + "\r\nü";
    var rewritten = (Converted.Rewritten) convertLines(content(field + "\n\n" + body));

    String result = text(rewritten.content());
    assertThat(result.lines().mapToInt(String::length).max().orElseThrow()).isLessThan(998);
    assertThat(result.chars()).allMatch(c -> c < 128);
  }

  @Test
  void doesNotDependOnWhereAChunkEnds() throws Exception {
    for (var conversion : ConversionExamples.all().toList()) {
      var content = content(conversion.before());
      var whole = (Converted.Rewritten) convertLines(content);
      var trickling = (Converted.Rewritten) convertLines(new Trickle(content));

      assertThat(text(trickling.content())).isEqualTo(text(whole.content()));
    }
  }

  static MessageContent content(String text) {
    return content(text.replace("\n", "\r\n").getBytes(StandardCharsets.ISO_8859_1));
  }

  static MessageContent content(byte[] octets) {
    return new Octets(octets);
  }

  static String text(MessageContent content) throws IOException {
    try (var in = content.open()) {
      return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
    }
  }

  private record Octets(byte[] octets) implements MessageContent {
    @Override
    public long size() {
      return octets.length;
    }

    @Override
    public InputStream open() {
      return new ByteArrayInputStream(octets);
    }
  }

  private record Trickle(MessageContent content) implements MessageContent {
    @Override
    public long size() {
      return content.size();
    }

    @Override
    public InputStream open() throws IOException {
      try (var in = content.open()) {
        return new ByteArrayInputStream(Arrays.copyOf(in.readAllBytes(), (int) content.size())) {
          @Override
          public synchronized int read(byte[] into, int offset, int length) {
            return super.read(into, offset, Math.min(length, 1));
          }
        };
      }
    }
  }

  /** Converts what is no more than lines. */
  static Converted convertLines(MessageContent content) throws IOException {
    return SevenBitConversion.convert(content, BodyType.EIGHT_BIT_MIME);
  }
}
