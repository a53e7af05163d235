package org.posthorn.daemon.admin;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;

/**
 * The metrics of this daemon, in the text format of Prometheus. Each is asked for when the page is: what counts need not
 * know of it. Safe for use by many threads.
 */
public final class Metrics {
  private static final String TYPE = "text/plain; version=0.0.4; charset=utf-8";

  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final AtomicLong pages = new AtomicLong();

  /** Starts with those of the heap. */
  public Metrics() {
    HeapMetrics.addTo(this);
  }

  /** Returns a supplier that asks {@code value} once for each page, for what several metrics come from. */
  public <T> Supplier<T> oncePerPage(Supplier<T> value) {
    return new OncePerPage<>(value);
  }

  private final class OncePerPage<T> implements Supplier<T> {
    private final Supplier<T> value;
    @GuardedBy("this")
    private long page;
    @GuardedBy("this")
    private Optional<T> known = Optional.empty();

    OncePerPage(Supplier<T> value) {
      this.value = value;
    }

    @Override
    public synchronized T get() {
      if (known.isEmpty() || page != pages.get()) {
        page = pages.get();
        known = Optional.of(value.get());
      }
      return known.get();
    }
  }

  /** Adds what goes up and down. */
  public void gauge(String name, String help, DoubleSupplier value) {
    GaugeWithCallback.builder().name(name).help(help).callback(to -> to.call(value.getAsDouble())).register(registry);
  }

  /** Adds what goes up and down and has a value for each of some labels. */
  public void gauges(String name, String help, String label, Supplier<Map<String, Long>> values) {
    GaugeWithCallback.builder()
        .name(name)
        .help(help)
        .labelNames(label)
        .callback(to -> values.get().forEach((key, value) -> to.call(value, key)))
        .register(registry);
  }

  /** Adds what only goes up. */
  public void counter(String name, String help, DoubleSupplier value) {
    CounterWithCallback.builder()
        .name(name)
        .help(help)
        .callback(to -> to.call(value.getAsDouble()))
        .register(registry);
  }

  /** Adds what only goes up and has a value for each of some labels. */
  public void counters(String name, String help, String label, Supplier<Map<String, Long>> values) {
    CounterWithCallback.builder()
        .name(name)
        .help(help)
        .labelNames(label)
        .callback(to -> values.get().forEach((key, value) -> to.call(value, key)))
        .register(registry);
  }

  /** Adds what only goes up and has a value for each combination of the values of some labels. */
  public void counters(String name, String help, List<String> labels, Supplier<Map<List<String>, Long>> values) {
    CounterWithCallback.builder()
        .name(name)
        .help(help)
        .labelNames(labels.toArray(String[]::new))
        .callback(to -> values.get().forEach((key, value) -> to.call(value, key.toArray(String[]::new))))
        .register(registry);
  }

  AdminAnswer page() {
    pages.incrementAndGet();
    var page = new ByteArrayOutputStream();
    try {
      PrometheusTextFormatWriter.create().write(page, registry.scrape());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new AdminAnswer.Whole(200, TYPE, page.toByteArray());
  }
}
