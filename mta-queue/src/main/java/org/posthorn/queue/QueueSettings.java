package org.posthorn.queue;

import java.time.Duration;
import java.util.Optional;
import org.posthorn.smtp.Mailbox;

/**
 * How the queue works. A change applies to mail that is already queued.
 *
 * @param retry when deferred mail is tried again and given up
 * @param sites how hard one destination is pressed
 * @param lanes transactions at once with all destinations together; default 200
 * @param readyRecipients recipients of one destination that are in memory, ready to be tried; default 1000
 * @param memoryRecipients recipients in memory altogether; default 50,000; what is beyond waits in the index
 * @param laneIdle how long a connection is kept for the next message; default 5 s
 * @param doubleBouncesTo who gets bounces that cannot be delivered; by default they are logged and dropped
 */
public record QueueSettings(RetrySchedule retry, SiteLimits sites, int lanes, int readyRecipients,
    int memoryRecipients, Duration laneIdle, Optional<Mailbox> doubleBouncesTo) {
  /** What suits a host of two cores and up. */
  public static final QueueSettings DEFAULT = new QueueSettings(RetrySchedule.DEFAULT, SiteLimits.DEFAULT, 200, 1000,
      50_000, Duration.ofSeconds(5), Optional.empty());

  public QueueSettings {
    requireAtLeast("lanes", lanes, 1);
    requireAtLeast("readyRecipients", readyRecipients, 10);
    requireAtLeast("memoryRecipients", memoryRecipients, readyRecipients);
    if (laneIdle.isNegative()) {
      throw new IllegalArgumentException("laneIdle is " + laneIdle + ", but must not be negative");
    }
  }

  private static void requireAtLeast(String name, int value, int least) {
    if (value < least) {
      throw new IllegalArgumentException(name + " is " + value + ", but must be at least " + least);
    }
  }
}
