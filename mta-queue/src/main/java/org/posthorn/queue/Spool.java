package org.posthorn.queue;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Where messages are kept safe. The spool is the truth; the {@link QueueIndex} only helps to find things in it.
 *
 * <p>Each method that changes something has reached stable storage when it returns, and throws {@link SpoolException} when
 * it could not. Safe for use by many threads; the calls block for the disk, and the implementation sees to it that syncs
 * run on its own platform threads.
 */
public interface Spool extends AutoCloseable {
  /**
   * Begins a message that arrives at {@code now}. Throws {@link SpoolException} when the disk refuses, or when free space
   * has fallen below the floor.
   */
  SpoolDraft draft(Envelope envelope, Instant now);

  /** Reads an entry; empty when there is none. */
  Optional<SpoolEntry> read(QueueId id);

  /** Returns the content of a message; opening it fails with an IOException once the message has been removed. */
  MessageContent content(QueueId id);

  /** As {@link #content(QueueId)}, for a caller who has the message at hand: its size is known without the disk. */
  default MessageContent content(QueuedMessage message) {
    return content(message.id());
  }

  /**
   * Appends {@code events} to an entry, as one write and one sync. Does nothing when there is no such entry: the operator
   * may have removed it meanwhile.
   */
  void record(QueueId id, List<? extends SpoolEvent> events);

  /** Removes an entry, if it is there. */
  void remove(QueueId id);

  /** Shows each committed id to {@code visitor}, in no order. */
  void forEachId(Consumer<QueueId> visitor);

  /** Shows each committed id that events were recorded for to {@code visitor}, in no order. Looks into every entry. */
  default void forEachWithEvents(Consumer<QueueId> visitor) {
    forEachId(id -> {
      if (read(id).stream().anyMatch(entry -> !entry.events().isEmpty())) {
        visitor.accept(id);
      }
    });
  }

  @Override
  void close();
}
