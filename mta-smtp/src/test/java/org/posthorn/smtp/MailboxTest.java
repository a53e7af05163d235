package org.posthorn.smtp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MailboxTest {
  private static final Domain HOST = Domain.of("example.org");

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', quoteCharacter = '§', textBlock = """
                                                                a                | a
                                                                a.b+c            | a.b+c
                                                                é.日本            | é.日本
                                                                §§               | ""
                                                                a b              | "a b"
                                                                .a               | ".a"
                                                                a.               | "a."
                                                                a..b             | "a..b"
                                                                a@b              | "a@b"
                                                                a"b\\c           | "a\\"b\\\\c"
                                                                a,b;c:d<e>(f)[g] | "a,b;c:d<e>(f)[g]"
                                                                """)
  void quotesOnlyWhatMustBe(String localPart, String written) {
    var mailbox = new Mailbox(localPart, HOST);
    assertThat(mailbox).hasToString(written + "@example.org");
    assertThat(Mailbox.parse(mailbox.toString())).hasValue(mailbox);
  }

  @Test
  void isEqualHoweverItWasWritten() {
    assertThat(Mailbox.of("\"a\\b\"@EXAMPLE.org")).isEqualTo(Mailbox.of("ab@example.org"));
    assertThat(Mailbox.of("a@faß.example")).isEqualTo(Mailbox.of("a@xn--fa-hia.example"));
    assertThat(Mailbox.of("a@[IPv6:::ffff:192.0.2.1]")).isEqualTo(Mailbox.of("a@[192.0.2.1]"));
    assertThat(Mailbox.of("A@example.org")).isNotEqualTo(Mailbox.of("a@example.org"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"a\rb", "a\nb", "a\0", "\u0085", "\ud800"})
  void neverHoldsWhatCouldBreakAHeader(String localPart) {
    assertThatIllegalArgumentException().isThrownBy(() -> new Mailbox(localPart, HOST));
  }

  @Test
  void needsSmtpUtf8OnlyForTheLocalPart() {
    assertThat(Mailbox.of("é@example.org").needsSmtpUtf8()).isTrue();
    assertThat(Mailbox.of("a@bücher.example").needsSmtpUtf8()).isFalse();
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({"[192.0.2.1], [192.0.2.1]", "[IPv6:2001:DB8::1], [IPv6:2001:db8::1]",
      "[ipv6:1:0:0:2:0:0:0:3], [IPv6:1:0:0:2::3]", "[IPv6:1:0:2:3:4:5:6:7], [IPv6:1:0:2:3:4:5:6:7]",
      "[IPv6:::], [IPv6:::]", "[IPv6:1::], [IPv6:1::]", "[IPv6:1:2:3:4:5:6:192.0.2.1], [IPv6:1:2:3:4:5:6:c000:201]",
      "[IPv6:::ffff:192.0.2.1], [192.0.2.1]"})
  void writesAddressLiteralsInOneForm(String text, String written) {
    assertThat(AddressLiteral.parse(text)).get().hasToString(written);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[", "[]", "192.0.2.1", "[192.0.2]", "[192.0.2.01]", "[0x7f.1.1.1]", "[127.1]",
      "[192.0.2.256]",
      "[::1]", "[IPv6:]", "[IPv6:1]", "[IPv6:1:2:3:4:5:6:7]", "[IPv6:1::2::3]", "[IPv6:1:2:3:4:5:6::7]",
      "[IPv6:fe80::1%eth0]", "[IPv6:12345::]", "[IPv6:192.0.2.1::]", "[IPv6::1]", "[tag:content]", "[192.0.2.１]"})
  void refusesOtherLiterals(String text) {
    assertThat(AddressLiteral.parse(text)).isEmpty();
  }
}
