package org.posthorn.daemon.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class MetricsTest {
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

  private static String text(Metrics metrics) {
    return new String(((AdminAnswer.Whole) metrics.page()).body(), StandardCharsets.UTF_8);
  }
}
