package org.posthorn.queue;

/**
 * A message on its way into the spool. One thread at a time uses it. Closing a draft that was not committed removes every
 * trace of it.
 */
public interface SpoolDraft extends AutoCloseable {
  /** Returns the id that the message will have, for its {@code Received:} field. */
  QueueId id();

  /** Appends content; throws {@link SpoolException} when the disk refuses. */
  void write(byte[] bytes, int offset, int length);

  /** Returns how many octets of content were written so far. */
  long size();

  /**
   * Puts envelope and content on stable storage, the directory too, and returns the message, which is ours from here on
   * (RFC 5321 §4.2.5). Blocks for the disk. Throws {@link SpoolException} with nothing left behind.
   */
  QueuedMessage commit();

  @Override
  void close();
}
