package org.posthorn.smtp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Framing gives the same however the octets are split, and what a plain reading of the RFC gives. The first octet
 * splits.
 */
class FramingFuzzTest {
  private static final int MAX_LINE = 20;

  @FuzzTest
  void dataEndsOnlyWhereItMust(byte[] input) throws IOException {
    String wire = text(input);
    var decoder = new DotDecoder();
    var scan = new ContentScan();
    var content = new ByteArrayOutputStream();
    byte[] octets = wire.getBytes(ISO_8859_1);
    int at = 0;
    while (at < octets.length && !decoder.isEnded()) {
      at = decoder.take(octets, at, Math.min(at + pieceLength(input), octets.length), (piece, from, to) -> {
        scan.take(piece, from, to);
        content.write(piece, from, to - from);
      });
    }
    int end = ("\r\n" + wire).indexOf("\r\n.\r\n");
    assertThat(decoder.isEnded()).isEqualTo(end >= 0);
    assertThat(at).isEqualTo(end >= 0 ? end + 3 : octets.length);
    if (end >= 0) {
      String expected = ("\r\n" + wire).substring(0, end + 2).replace("\r\n.", "\r\n").substring(2);
      assertThat(content.toString(ISO_8859_1)).isEqualTo(expected);
      assertThat(scan.hasBareLineEnd()).isEqualTo(hasBareLineEnd(expected));
      assertThat(scan.size()).isEqualTo(expected.length());
      assertThat(scan.isEightBit()).isEqualTo(expected.chars().anyMatch(c -> c > 127));
    }
  }

  @FuzzTest
  void whatIsEncodedDecodesAgain(byte[] input) throws IOException {
    String content = text(input);
    var wire = new ByteArrayOutputStream();
    try (var encoder = new DotEncoder(wire)) {
      byte[] octets = content.getBytes(ISO_8859_1);
      for (int at = 0; at < octets.length; at += pieceLength(input)) {
        encoder.write(octets, at, Math.min(pieceLength(input), octets.length - at));
      }
      encoder.finish();
    }
    var decoder = new DotDecoder();
    var decoded = new ByteArrayOutputStream();
    byte[] octets = wire.toByteArray();
    assertThat(decoder.take(octets, 0, octets.length, (piece, from, to) -> decoded.write(piece, from, to - from)))
        .isEqualTo(octets.length);
    assertThat(decoder.isEnded()).isTrue();
    assertThat(wire.toString(ISO_8859_1)).doesNotContainPattern("\n\\.\r?\n(?!$)");
    if (!hasBareLineEnd(content)) {
      String complete = content.isEmpty() || content.endsWith("\r\n") ? content : content + "\r\n";
      assertThat(decoded.toString(ISO_8859_1)).isEqualTo(complete);
    }
  }

  @FuzzTest
  void linesEndOnlyWithCrlf(byte[] input) {
    String wire = text(input);
    byte[] octets = wire.getBytes(ISO_8859_1);
    var framing = new LineFraming(MAX_LINE);
    List<CommandLine> lines = new ArrayList<>();
    for (int at = 0; at < octets.length;) {
      at = framing.take(octets, at, Math.min(at + pieceLength(input), octets.length));
      framing.poll().ifPresent(lines::add);
    }
    String[] expected = wire.split("\r\n", -1); // the last one is not complete
    assertThat(lines).hasSize(expected.length - 1);
    for (int i = 0; i < lines.size(); i++) {
      boolean isGood = expected[i].length() + 2 <= MAX_LINE && expected[i].chars().allMatch(c -> c < 128)
          && !hasBareLineEnd(expected[i]);
      if (isGood) {
        assertThat(lines.get(i)).isEqualTo(new CommandLine.Text(expected[i]));
      } else if (expected[i].chars().allMatch(c -> c < 128)) {
        assertThat(lines.get(i)).isInstanceOf(CommandLine.Refused.class);
      }
    }
  }

  private static String text(byte[] input) {
    return new String(input, Math.min(1, input.length), Math.max(0, input.length - 1), ISO_8859_1);
  }

  private static int pieceLength(byte[] input) {
    return input.length == 0 ? 1 : 1 + (input[0] & 0x1f);
  }

  private static boolean hasBareLineEnd(String text) {
    return text.replace("\r\n", "").chars().anyMatch(c -> c == '\r' || c == '\n');
  }
}
