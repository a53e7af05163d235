package org.posthorn.smtp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class XtextTest {
  @ParameterizedTest(name = "{0}")
  @CsvSource({"abc, abc", "a+b, a+2Bb", "a=b, a+3Db", "a b, a+20b", "~!, ~!"})
  void encodesAndDecodes(String text, String encoded) {
    assertThat(Xtext.encode(text)).isEqualTo(encoded);
    assertThat(Xtext.decode(encoded)).hasValue(text);
  }

  @Test
  void decodesLowerCaseDigitsThatSomeSendersWrite() {
    assertThat(Xtext.decode("a+2bb")).hasValue("a+b");
  }

  @ParameterizedTest
  @ValueSource(strings = {"+", "+2", "a+zz", "a=b", "a b", "é", "+0D", "+0A", "+00", "+7F", "+FF", "+-1"})
  void refusesWhatIsNoXtextOrNotPrintable(String encoded) {
    assertThat(Xtext.decode(encoded)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"é", "a\r\nb", "\u007f"})
  void encodesOnlyPrintableAscii(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> Xtext.encode(text));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', textBlock = """
                                          rfc822;Bob+2BX@example.com | Bob+X@example.com | rfc822;Bob+2BX@example.com
                                          X400;/C=us                       |                   |
                                          x400;/C+3Dus                     | /C=us             | x400;/C+3Dus
                                          utf-8;a\\x{E9}b@c.example | aéb@c.example | utf-8;a\\x{E9}b@c.example
                                          UTF-8;aéb@c.example | aéb@c.example | UTF-8;a\\x{E9}b@c.example
                                          utf-8;a+b@c.example | a+b@c.example | utf-8;a\\x{2B}b@c.example
                                          utf-8;\\x{1F600}\\x{5C}@c | 😀\\@c | utf-8;\\x{1F600}\\x{5C}@c
                                          utf-8;\\x{0A}@c                  |                   |
                                          utf-8;\\x{85}@c                  |                   |
                                          utf-8;\\x{D800}@c                |                   |
                                          utf-8;\\x{110000}@c              |                   |
                                          utf-8;\\x{}@c                    |                   |
                                          utf-8;\\x{41                     |                   |
                                          utf-8;a\\b                       |                   |
                                          rfc822;é@c                       |                   |
                                          rfc822                           |                   |
                                          ;a@b                             |                   |
                                          a b;a@b                          |                   |
                                          """)
  void readsOriginalRecipients(String value, String address, String written) {
    assertThat(OriginalRecipient.parse(value).map(OriginalRecipient::address).orElse(null)).isEqualTo(address);
    assertThat(OriginalRecipient.parse(value).map(OriginalRecipient::toString).orElse(null)).isEqualTo(written);
  }

  @Test
  void boundsTheOriginalRecipient() {
    assertThat(OriginalRecipient.parse("rfc822;" + "a".repeat(493))).isPresent();
    assertThat(OriginalRecipient.parse("rfc822;" + "a".repeat(494))).isEmpty();
    assertThat(OriginalRecipient.parse("utf-8;" + "é".repeat(300))).isEmpty();
  }
}
