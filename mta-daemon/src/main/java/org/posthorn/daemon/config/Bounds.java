package org.posthorn.daemon.config;

import java.time.Duration;
import org.posthorn.daemon.config.Configuration.Limits;
import org.posthorn.daemon.config.Configuration.LineLengths;
import org.posthorn.daemon.config.Configuration.Pace;
import org.posthorn.daemon.config.Configuration.Queue;

/** Reads the sections {@code limits} and {@code queue}: what is bounded, and where. */
final class Bounds {
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Duration HOUR = Duration.ofHours(1);
  private static final Duration IDLE = Duration.ofMinutes(5); // RFC 5321 §4.5.3.2.7
  private static final long MEGABYTE = 1L << 20;
  private static final long GIGABYTE = 1L << 30;

  private Bounds() {}

  static Limits limits(Section section) {
    var limits = new Limits(section.count("connections", 10_000, 1, 1_000_000),
        section.count("connections-per-client", 50, 1, 1_000_000),
        section.count("recipients", 1000, 100, 100_000), // at least 100: RFC 5321 §4.5.3.1.8
        section.bytes("message-size", 35 * MEGABYTE, 64 << 10, 2 * GIGABYTE), // at least 64K: RFC 5321 §4.5.3.1.7
        section.count("errors", 20, 1, 1000),
        section.count("hops", 100, 10, 1000), // at least 100 is advised: RFC 5321 §6.3
        new Pace(section.duration("command-timeout", IDLE, SECOND, HOUR),
            section.duration("data-timeout", IDLE, SECOND, HOUR), section.bytes("min-data-rate", 500, 0, MEGABYTE)),
        new LineLengths(section.count("command-line", 1000, 512, 64 << 10), // at least 512: RFC 5321 §4.5.3.1.4
            section.count("data-line", 64 << 10, 1000, 16 << 20))); // at least 1000: RFC 5321 §4.5.3.1.6
    section.finish();
    return limits;
  }

  static Queue queue(Section section) {
    var queue = new Queue(section.bytes("free-space-floor", 128 * MEGABYTE, 0, 1024 * GIGABYTE),
        section.count("ready-per-destination", 1000, 10, 1_000_000), section.count("ready", 100_000, 100, 10_000_000));
    section.finish();
    return queue;
  }
}
