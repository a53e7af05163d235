package org.posthorn.queue.spool;

/**
 * How the spool treats the disk.
 *
 * @param minFreeBytes octets that must be free for new mail to be taken; default 256 MiB, so that the records of
 *     deliveries, the index and the log still find room while mail is refused
 * @param writers threads that write and sync files, 1 to 256; default 16, for syncs that run side by side share the work of
 *     the disk's journal
 * @param journal how fresh mail is kept
 */
public record SpoolSettings(long minFreeBytes, int writers, JournalSettings journal) {
  /** What is good for most machines. */
  public static final SpoolSettings DEFAULT = new SpoolSettings(256L << 20, 16, JournalSettings.DEFAULT);

  /** Settings with the journal as it is good for most machines. */
  public SpoolSettings(long minFreeBytes, int writers) {
    this(minFreeBytes, writers, JournalSettings.DEFAULT);
  }

  public SpoolSettings {
    if (minFreeBytes < 0) {
      throw new IllegalArgumentException("octets to be kept free: " + minFreeBytes);
    }
    if (writers < 1 || writers > 256) {
      throw new IllegalArgumentException("threads that write: " + writers + ", not 1 to 256");
    }
  }
}
