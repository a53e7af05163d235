package org.posthorn.delivery.mailbox;

import java.time.InstantSource;
import java.util.HexFormat;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;

/**
 * Names for files in a Maildir that no other process, host or run of this program uses:
 * {@code seconds.M<microseconds>P<process>Q<count>R<random>.host}. Safe for use by many threads.
 */
final class UniqueNames {
  private static final int NANOS_PER_MICRO = 1000;

  private final InstantSource clock;
  private final String process;
  private final String host;
  private final AtomicLong count = new AtomicLong();

  /** Makes names for {@code host}; {@code random} tells this run from others that got the same process id. */
  UniqueNames(String host, InstantSource clock, RandomGenerator random) {
    this.clock = clock;
    this.process = "R" + HexFormat.of().toHexDigits(random.nextLong());
    // A slash would lead elsewhere, a colon begins the flags, a comma the size.
    this.host = host.replace("/", "\\057").replace(":", "\\072").replace(",", "\\054");
  }

  /** Returns a name that was never returned before. */
  String next() {
    var now = clock.instant();
    return now.getEpochSecond() + ".M" + now.getNano() / NANOS_PER_MICRO + "P" + ProcessHandle.current().pid() + "Q"
        + count.incrementAndGet() + process + "." + host;
  }
}
