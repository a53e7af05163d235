package org.posthorn.queue;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Where messages are kept safe. The spool is the truth; the {@link QueueIndex} only helps to find things in it.
 *
 * <p>Each method that changes something has reached stable storage when it returns, and throws {@link SpoolException} when
 * it could not; {@link #remove} may take a few milliseconds longer to be on stable storage than to return. Safe for use by many threads; the calls block for the disk, and the implementation sees to it that syncs
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

  /**
   * Tells that a message will stay for a while, because it was not delivered at once; a place that is meant for fresh mail
   * may move it elsewhere, soon. Returns at once.
   */
  default void retain(QueueId id) {
    // there is one place for all
  }

  /** Shows each committed id to {@code visitor}, in no order. */
  void forEachId(Consumer<QueueId> visitor);

  /** What is done with an entry whose content does not matter. */
  @FunctionalInterface
  interface LengthVisitor {
    /** Takes an entry that is {@code bytes} octets long, or 0 when its length cannot be told. */
    void visit(QueueId id, long bytes);
  }

  /**
   * Shows each committed id to {@code visitor}, in no order, with the length of its entry, which grows with each event that
   * is recorded. Looks at every entry, but into none.
   */
  default void forEachLength(LengthVisitor visitor) {
    forEachId(id -> visitor.visit(id, length(id)));
  }

  /** Returns how long an entry is in octets, 0 when that cannot be told; what is recorded makes it longer. */
  default long length(QueueId id) {
    return 0;
  }

  /** What came of reading one of many entries. */
  sealed interface Found {
    /** Returns which entry it is about. */
    QueueId id();

    /** Returns how much memory it takes, in recipients; at least 1. */
    default int weight() {
      return 1;
    }

    /** It was read; it was {@code bytes} octets long, or 0 when that is not known. */
    record Entry(SpoolEntry entry, long bytes) implements Found {
      @Override
      public QueueId id() {
        return entry.message().id();
      }

      @Override
      public int weight() {
        return Math.max(1, entry.message().envelope().recipients().size());
      }
    }

    /** It is gone, or was set aside just now because it is damaged. */
    record Gone(QueueId id) implements Found {}

    /** It is there and cannot be read. */
    record Unreadable(QueueId id, SpoolException why) implements Found {}
  }

  /** Reads the entries that are {@code wanted}, many at a time, and shows them to {@code visitor} one by one, in no order. */
  default void readEach(Predicate<QueueId> wanted, Consumer<Found> visitor) {
    forEachId(id -> {
      if (wanted.test(id)) {
        visitor.accept(find(id));
      }
    });
  }

  /**
   * Does the same after a process that did not come to its end: what is shown of an entry outlasts a power cut from then on, also
   * what was recorded and not synced.
   */
  default void secureEach(Predicate<QueueId> wanted, Consumer<Found> visitor) {
    readEach(wanted, visitor);
  }

  /** Reads an entry, and tells how that went. */
  default Found find(QueueId id) {
    try {
      return read(id).<Found>map(entry -> new Found.Entry(entry, length(id))).orElseGet(() -> new Found.Gone(id));
    } catch (SpoolException e) {
      return new Found.Unreadable(id, e);
    }
  }

  @Override
  void close();
}
