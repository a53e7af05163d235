package org.posthorn.queue.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Random;
import java.util.stream.IntStream;
import org.posthorn.queue.Messages;
import org.posthorn.queue.QueueIdSource;
import org.posthorn.queue.spool.FileSpool;
import org.posthorn.queue.spool.SpoolSettings;
import org.posthorn.testkit.SettableClock;

/** Puts many messages into the spool of a data directory, without a single sync: a queue to measure, in little time. */
public final class FillSpool {
  private static final byte[] CONTENT = ("Subject: one of many\r\n\r\n" + "x".repeat(70) + "\r\n")
      .getBytes(StandardCharsets.US_ASCII);

  private FillSpool() {}

  /**
   * Takes the data directory, and how many messages, recipients of each, and domains. The messages came in one by one, a
   * millisecond apart, up to now; the domains are {@code d0.example} and so on.
   */
  public static void main(String[] arguments) throws IOException {
    var directory = Files.createDirectories(Path.of(arguments[0])).resolve("spool");
    int messages = Integer.parseInt(arguments[1]);
    int recipients = Integer.parseInt(arguments[2]);
    int domains = Integer.parseInt(arguments[3]);
    var clock = new SettableClock(Instant.ofEpochMilli(InstantSource.system().millis() - messages));
    var settings = new SpoolSettings(0, SpoolSettings.DEFAULT.writers());
    try (
        var spool = FileSpool.open(directory, new UnsyncedDisk(), settings, new QueueIdSource(clock, new Random(1)))) {
      for (int i = 0; i < messages; i++) {
        int first = i * recipients;
        var to = IntStream.range(first, first + recipients)
            .mapToObj(n -> "user%d@d%d.example".formatted(n, n % domains))
            .toArray(String[]::new);
        clock.advance(Duration.ofMillis(1));
        try (var draft = spool.draft(Messages.envelope("sender%d@peer.example".formatted(i % 1000), to),
            clock.instant())) {
          draft.write(CONTENT, 0, CONTENT.length);
          draft.commit();
        }
      }
    }
  }
}
