package org.posthorn.queue.spool;

import java.time.Duration;

/**
 * How the intake journal is kept.
 *
 * @param largestEntryBytes messages above this, envelope included, get a file of their own at once; in octets, 0 for no
 *     journal at all; default 256 KiB, above which the disk is busier with the content than with the syncs
 * @param segmentBytes a segment that has grown to this is followed by the next one; in octets; default 32 MiB
 * @param memoryBytes bodies of fresh mail kept in memory, so that delivery need not read them; in octets; default 32 MiB
 * @param messages messages in the journal at most; default 100,000, each of some 300 octets of memory; more wait until
 *     others have left it
 * @param bytes octets of such messages at most; default 512 MiB
 * @param timing what happens when
 */
public record JournalSettings(int largestEntryBytes, int segmentBytes, long memoryBytes, int messages,
    long bytes, Timing timing) {
  /**
   * When things happen to the journal.
   *
   * @param linger how long the note that a message is done may wait for others to share a sync with; default 10 ms, which
   *     bounds what a crash repeats
   * @param round how often messages are looked for that stay, to be given files of their own; default 1 s
   * @param patience how long a client waits while the journal is full, before it is told to come back; default 10 s
   */
  public record Timing(Duration linger, Duration round, Duration patience) {
    /** What is good for most machines. */
    public static final Timing DEFAULT = new Timing(Duration.ofMillis(10), Duration.ofSeconds(1),
        Duration.ofSeconds(10));
  }

  private static final int KILO = 1024;
  /** What is good for most machines. */
  public static final JournalSettings DEFAULT = new JournalSettings(256 * KILO, 32 * KILO * KILO,
      32L * KILO * KILO, 100_000, 512L * KILO * KILO, Timing.DEFAULT);

  public JournalSettings {
    if (largestEntryBytes < 0 || segmentBytes < 1 || memoryBytes < 0 || messages < 1
        || bytes < largestEntryBytes) {
      throw new IllegalArgumentException("no journal of %d, %d, %d octets and %d messages".formatted(largestEntryBytes,
          segmentBytes, memoryBytes, messages));
    }
  }
}
