package org.posthorn.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FieldCaptureTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 3, 1000})
  void keepsFieldsInAnyCaseUnfoldedWhereverTheOctetsAreCut(int step) {
    var capture = take(step,
        "Subject: From: x\r\nFROM : A\r\n <a@b>,\r\n\t<c@d>\r\nTo: z\r\nfrom:b\u00fc\r\n\r\nFrom: body\r\n");
    assertThat(capture.values("from")).containsExactly("A <a@b>,\t<c@d>", "b\u00fc");
    assertThat(capture.values("subject")).isEmpty();
    assertThat(capture.isEnded()).isTrue();
    assertThat(capture.isComplete()).isTrue();
  }

  @Test
  void endsWhereALineIsNoField() {
    var capture = take(5, "no field\r\nFrom: a@b\r\n");
    assertThat(capture.values("from")).isEmpty();
    assertThat(capture.isEnded()).isTrue();
  }

  @Test
  void saysWhenItCouldNotKeepEverything() {
    assertThat(take(9, "From: " + "x".repeat(200) + "\r\n\r\n").isComplete()).isFalse();
    assertThat(take(9, "From: a\r\n" + " folded more\r\n".repeat(20) + "\r\n").isComplete()).isFalse();
    assertThat(take(9, "To: " + "x".repeat(200) + "\r\n\r\n").isComplete()).isTrue();
  }

  @Test
  void takesNoMemoryForFieldsWithoutNumber() {
    var capture = take(1000, "From:\r\n".repeat(10_000));
    assertThat(capture.values("from")).hasSizeLessThan(10);
    assertThat(capture.isComplete()).isFalse();
  }

  /** A megabyte of header is looked at on an event loop, with other clients behind it. */
  @ParameterizedTest
  @ValueSource(strings = {"From:", "To:", ""})
  void costsNoMoreForLongLines(String name) {
    byte[] line = (name + "x".repeat(65_000) + "\r\n").getBytes(StandardCharsets.UTF_8);
    var capture = new FieldCapture(Set.of("from"), 32 * 1024);
    var thread = ManagementFactory.getThreadMXBean();
    long before = thread.getCurrentThreadCpuTime();
    for (int i = 0; i < 16; i++) {
      capture.take(line, 0, line.length);
    }
    assertThat(Duration.ofNanos(thread.getCurrentThreadCpuTime() - before)).isLessThan(Duration.ofSeconds(5));
    assertThat(capture.isComplete()).isEqualTo(!name.equals("From:"));
  }

  private static FieldCapture take(int step, String text) {
    var capture = new FieldCapture(Set.of("from"), 100);
    byte[] octets = text.getBytes(StandardCharsets.UTF_8);
    for (int at = 0; at < octets.length; at += step) {
      capture.take(octets, at, Math.min(octets.length, at + step));
    }
    return capture;
  }
}
