package org.posthorn.queue;

import java.time.Duration;

/**
 * Where the scheduler leaves changes of the {@link QueueIndex} to be written soon, in batches, in the order they came.
 * Safe for use by many threads.
 */
public interface IndexWrites {
  /**
   * Takes {@code changes} and returns at once. {@code applied} runs when they are in the index, or when a removal that
   * came after them has made them needless; it is short and never throws. While the index fails they are tried again.
   */
  void write(QueueIndex.Changes changes, Runnable applied);

  /** Waits until all that was taken before this call is in the index; throws {@link StoreException} when it fails. */
  void flush();

  /**
   * Returns how many changes of single recipients were taken and are not in the index yet; at once, without a lock.
   * {@link Long#MAX_VALUE} when nothing is written any more.
   */
  long backlog();

  /**
   * Waits until at most {@code changes} of single recipients are not in the index yet, for at most {@code longest}. Does not wait for
   * an index that fails or is written no more, nor when the thread is interrupted.
   */
  void awaitBacklog(long changes, Duration longest);
}
