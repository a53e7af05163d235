package org.posthorn.smtp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ScanTest {
  private static final String MESSAGE = """
                                        Received: from a\r
                                        \tby b; date: x\r
                                        RECEIVED : from c\r
                                        X-Received: from d\r
                                        dAtE: today\r
                                        Subject: Message-ID: From: é\r
                                        \r
                                        From: not a field\r
                                        Received: neither\r
                                        """;

  @Test
  void findsTheFieldsOfTheHeaderHoweverItIsSplit() {
    for (int pieceLength = 1; pieceLength < MESSAGE.length(); pieceLength++) {
      var scan = new HeaderScan();
      feed(scan, MESSAGE, pieceLength);
      assertThat(scan.received()).isEqualTo(2);
      assertThat(scan.hasDate()).isTrue();
      assertThat(scan.hasMessageId()).isFalse();
      assertThat(scan.hasFrom()).isFalse();
      assertThat(scan.isEightBit()).isTrue();
      assertThat(scan.isEnded()).isTrue();
      assertThat(scan.size()).isEqualTo(MESSAGE.indexOf("From: not"));
    }
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({"From: a\\r\\n, false, true", "no field\\r\\nFrom: a\\r\\n, true, false",
      "\\r\\nFrom: a\\r\\n, true, false",
      "Fr om: a\\r\\n, false, false", "X: a\\r\\n From: b\\r\\n, false, false", "From, false, false",
      "'', false, false"})
  void knowsWhereTheHeaderEnds(String content, boolean ended, boolean from) {
    var scan = new HeaderScan();
    feed(scan, content.translateEscapes(), 100);
    assertThat(scan.isEnded()).isEqualTo(ended);
    assertThat(scan.hasFrom()).isEqualTo(from);
  }

  @Test
  void seesWhatContentIsLike() {
    var scan = new ContentScan();
    feed(scan, "abc\r\n\r\nabcdefghijklmnopq\r\nab", 5);
    assertThat(scan.hasBareLineEnd()).isFalse();
    assertThat(scan.isEightBit()).isFalse();
    assertThat(scan.longestLine()).isEqualTo(17);
    assertThat(scan.size()).isEqualTo(28);
    assertThat(scan.endsWithLineEnd()).isFalse();
    feed(scan, "é\r\n", 1);
    assertThat(scan.isEightBit()).isTrue();
    assertThat(scan.endsWithLineEnd()).isTrue();
  }

  @Test
  void findsAnEightBitOctetWhereverItIs() {
    String content = "abcdefghijklm\r\nabcde\r\nab\r\n";
    for (int at = 0; at < content.length(); at++) {
      var scan = new ContentScan();
      feed(scan, content.substring(0, at) + "é" + content.substring(at), 100);
      assertThat(scan.isEightBit()).as("at %d", at).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"\n", "\r", "a\nb\r\n", "a\rb\r\n", "\r\r\n", "\n\r\n", "\r\n\n", "abcdefgh\nabcdefgh",
      "abcdefghabcdefg\rabcdefgh", "\n\r"})
  void findsBareLineEndsHoweverTheyAreSplit(String content) {
    for (int pieceLength = 1; pieceLength <= content.length(); pieceLength++) {
      var scan = new ContentScan();
      feed(scan, content, pieceLength);
      assertThat(scan.hasBareLineEnd()).isTrue();
    }
  }

  private static void feed(ContentScan scan, String content, int pieceLength) {
    byte[] octets = content.getBytes(ISO_8859_1);
    for (int at = 0; at < octets.length; at += pieceLength) {
      scan.take(octets, at, Math.min(octets.length, at + pieceLength));
    }
  }

  private static void feed(HeaderScan scan, String content, int pieceLength) {
    byte[] octets = content.getBytes(ISO_8859_1);
    for (int at = 0; at < octets.length; at += pieceLength) {
      scan.take(octets, at, Math.min(octets.length, at + pieceLength));
    }
  }
}
