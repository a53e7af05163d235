package org.posthorn.daemon.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class MetricsTest {
  private static final int KEPT = 48 << 20;

  @Test
  void asksOnceAPageForWhatSeveralMetricsComeFrom() {
    var asked = new AtomicLong();
    var metrics = new Metrics();
    var count = metrics.oncePerPage(asked::incrementAndGet);
    metrics.gauge("one", "One", () -> count.get());
    metrics.gauge("other", "Other", () -> 10 * count.get());

    assertThat(text(metrics)).contains("one 1.0\n", "other 10.0\n");
    assertThat(text(metrics)).contains("one 2.0\n", "other 20.0\n");
    assertThat(asked).hasValue(2);
  }

  @Test
  void tellsWhatOfTheHeapIsNoGarbage() {
    byte[] kept = new byte[KEPT];
    System.gc();
    var page = text(new Metrics());

    double after = value(page, "posthorn_heap_after_collection_bytes");
    double committed = value(page, "posthorn_heap_committed_bytes");
    assertThat(after).isBetween((double) kept.length, committed);
    assertThat(value(page, "posthorn_heap_bytes")).isBetween((double) kept.length, committed);
    assertThat(value(page, "posthorn_heap_limit_bytes")).isGreaterThanOrEqualTo(committed);
    assertThat(value(page, "posthorn_heap_collection_seconds_total")).isPositive();
  }

  private static double value(String page, String name) {
    return page.lines()
        .filter(line -> line.startsWith(name + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
        .findFirst()
        .orElseThrow();
  }

  private static String text(Metrics metrics) {
    return new String(((AdminAnswer.Whole) metrics.page()).body(), StandardCharsets.UTF_8);
  }
}
