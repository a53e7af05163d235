package org.posthorn.smtp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReplyReaderTest {
  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', textBlock = """
                                          220 mail.example ESMTP\\r\\n                          | 220 mail.example ESMTP
                                          250\\r\\n                                             | 250
                                          250 \\r\\n                                            | 250
                                          250-\\r\\n250\\r\\n                                   | 250
                                          250 2.1.0 ok\\n                                       | 250 2.1.0 ok
                                          250 2.1.0\\r\\n                                       | 250 2.1.0
                                          550 5.1.1\\r\\n                                       | 550 5.1.1
                                          550-5.1.1 one\\r\\n550-5.1.1 two\\r\\n550 5.1.1\\r\\n | 550 5.1.1 one two
                                          550-5.1.1 one\\r\\n550 two\\r\\n                      | 550 5.1.1 one two
                                          550-one\\r\\n550 5.1.1 two\\r\\n                      | 550 5.1.1 one two
                                          550 4.1.1 other class\\r\\n                           | 550 4.1.1 other class
                                          550 5.1 short\\r\\n                                   | 550 5.1 short
                                          250-first\\r\\n251 last code counts\\r\\n | 251 first last code counts
                                          550 a\\0\\13b\\377c\\r\\n                           | 550 a??b?c
                                          550 a\\rb\\r\\n                                       | 550 a?b
                                          """)
  void readsReplies(String wire, String reply) throws IOException {
    assertThat(reader(wire.translateEscapes()).read().toString().strip()).isEqualTo(reply);
  }

  @Test
  void takesTheStatusOutOfTheText() throws IOException {
    assertThat(reader("550-5.1.1 one\r\n550 5.1.1 two\r\n").read())
        .isEqualTo(new Reply(550, Optional.of(EnhancedStatus.of("5.1.1")), List.of("one", "two")));
    assertThat(reader("550 4.1.1 x\r\n").read()).isEqualTo(Reply.plain(550, "4.1.1 x"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"\r\n", "x\r\n", "25\r\n", "2x0 a\r\n", "199 a\r\n", "600 a\r\n", "999 a\r\n", "2500 a\r\n",
      "250\ta\r\n", " 250 a\r\n", "-250 a\r\n", "250-a\r\n550 b\r\n", "250-a\r\n\r\n", "HTTP/1.1 400 Bad Request\r\n"})
  void saysWhenItIsNoReply(String wire) {
    assertThatThrownBy(() -> reader(wire).read()).isInstanceOf(ReplyException.class)
        .hasMessageNotContainingAny("\r", "\n", "\t");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "25", "250 half", "250-one\r\n", "250-one\r\n250"})
  void saysWhenThePeerIsGone(String wire) {
    assertThatThrownBy(() -> reader(wire).read()).isInstanceOf(EOFException.class);
  }

  @Test
  void readsOneReplyAfterTheOther() throws IOException {
    var reader = reader("250 a\r\n550 b\r\n");
    assertThat(reader.read()).hasToString("250 a");
    assertThat(reader.hasUnread()).isTrue();
    assertThat(reader.read()).hasToString("550 b");
    assertThat(reader.hasUnread()).isFalse();
  }

  @Test
  void keepsUtf8AndNeverHalfACharacter() throws IOException {
    assertThat(new ReplyReader(new ByteArrayInputStream("550 Empfänger\r\n".getBytes(UTF_8))).read())
        .hasToString("550 Empfänger");
    for (int padding = 0; padding < 4; padding++) {
      byte[] wire = ("550 " + "x".repeat(padding) + "日".repeat(1000) + "\r\n").getBytes(UTF_8);
      String text = new ReplyReader(new ByteArrayInputStream(wire)).read().lines().getFirst();
      assertThat(text).hasSizeGreaterThan(160).matches("x*日*");
    }
  }

  @Test
  void cutsWhatIsTooLong() throws IOException {
    var reader = reader(
        "550 5.1.1 " + "x".repeat(100_000) + "\r\n250-" + "y\r\n250-".repeat(1000) + "\r\n250 z\r\n250 ok\r\n");
    assertThat(reader.read()).satisfies(reply -> {
      assertThat(reply.status()).hasValue(EnhancedStatus.of("5.1.1"));
      assertThat(reply.lines().getFirst()).hasSizeBetween(400, 512);
    });
    assertThat(reader.read().lines()).hasSize(128);
    assertThat(reader.read()).hasToString("250 ok");
  }

  @Test
  void doesNotReadForEver() {
    var reader = reader("250-x\n".repeat(200_000) + "250 x\n");
    assertThatThrownBy(reader::read).isInstanceOf(ReplyException.class).hasMessageContaining("octets");
  }

  private static ReplyReader reader(String wire) {
    return new ReplyReader(new ByteArrayInputStream(wire.getBytes(ISO_8859_1)));
  }
}
