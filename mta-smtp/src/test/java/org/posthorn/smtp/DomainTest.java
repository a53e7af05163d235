package org.posthorn.smtp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DomainTest {
  @ParameterizedTest(name = "{0}")
  @CsvSource({"Example.ORG, example.org, example.org", "_dmarc.example.org, _dmarc.example.org, _dmarc.example.org",
      "r3---sn.example, r3---sn.example, r3---sn.example", "localhost, localhost, localhost",
      "BÜCHER.example, xn--bcher-kva.example, bücher.example", "faß.example, xn--fa-hia.example, faß.example",
      "日本語。ＪＰ, xn--wgv71a119e.jp, 日本語.jp", "ايران.example, xn--mgba3a4fra.example, ايران.example",
      "XN--BCHER-KVA.example, xn--bcher-kva.example, bücher.example", "xn--a.example, xn--a.example, xn--a.example",
      "so\u00adft.example, soft.example, soft.example", "i❤.example, xn--i-7iq.example, i❤.example"})
  void readsNamesInOneForm(String text, String name, String shown) {
    assertThat(Domain.parse(text)).hasValue(new Domain(name));
    assertThat(Domain.of(text).toUnicode()).isEqualTo(shown);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".", "a..b", ".a", "a.", "-a", "a-", "a b", "a@b", "a/b", "a*b", "a\0", "é-.example",
      "\u0301a.example", "xn--ü.example", "ü.xn--a", "a\u200db.example", "\ufffd", "≠\u0338 .example", "\ud800",
      "א1a.example"})
  void refusesWhatIsNoName(String text) {
    assertThat(Domain.parse(text)).isEmpty();
    assertThatIllegalArgumentException().isThrownBy(() -> Domain.of(text));
    assertThatIllegalArgumentException().isThrownBy(() -> new Domain(text));
  }

  @Test
  void keepsTheLimitsOfTheDns() {
    String label = "a".repeat(63);
    String longest = String.join(".", label, label, label, "b".repeat(61));
    assertThat(Domain.parse(longest)).isPresent();
    assertThat(Domain.parse(longest + "b")).isEmpty();
    assertThat(Domain.parse(label + "a.example")).isEmpty();
    assertThat(Domain.parse("ü".repeat(50) + ".example")).isPresent();
    assertThat(Domain.parse("ü".repeat(63) + ".example")).isEmpty();
    assertThat(Domain.parse("ﷺ".repeat(1000))).isEmpty();
  }
}
