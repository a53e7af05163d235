package org.posthorn.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PrintableTest {
  @Test
  void replacesWhatWouldBeginANewLineOrReachTheTerminal() {
    assertThat(Printable.of("a\r\nb\u001bc\u2028d")).isEqualTo("a??b?c?d");
  }

  @Test
  void cutsLongTextButNoCharacterInHalf() {
    String posthorn = "\ud83d\udcef";
    assertThat(Printable.of("x".repeat(999) + posthorn)).isEqualTo("x".repeat(999) + "\u2026");
    assertThat(Printable.of("x".repeat(998) + posthorn)).isEqualTo("x".repeat(998) + posthorn);
    assertThat(Printable.cut(posthorn, 1)).isEmpty();
    assertThat(Printable.cut("abc", 2)).isEqualTo("ab");
  }
}
