package org.posthorn.queue.spool;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.posthorn.queue.QueueId;
import org.posthorn.queue.SpoolEvent;

/** A message that is in the journal, and nowhere else. What can change is guarded by {@link #lock}. */
final class JournalEntry {
  /**
   * Where its octets are.
   *
   * @param position of the first octet of the entry in the segment
   * @param length of the entry in octets
   */
  record Place(JournalSegment segment, long position, int length) {}

  final QueueId id;
  final Place place;
  final long contentBytes;
  /** The entry, while there is room for it in memory. */
  private volatile Optional<byte[]> bytes;
  final ReentrantLock lock = new ReentrantLock();
  private final List<SpoolEvent> events;
  private long eventBytes;
  /** It was taken out of the journal. */
  private boolean isGone;
  /** It will stay for a while, and so gets a file of its own. */
  volatile boolean isRetained;
  /** How often the mover came by. Only the mover uses it. */
  int rounds;

  /** A message to which nothing has happened yet. */
  JournalEntry(QueueId id, long contentBytes, Place place, Optional<byte[]> bytes) {
    this.id = id;
    this.contentBytes = contentBytes;
    this.events = new ArrayList<>();
    this.place = place;
    this.bytes = bytes;
  }

  /** Returns the entry, if it is in memory. */
  Optional<byte[]> bytes() {
    return bytes;
  }

  /** Lets go of what is in memory, and returns how many octets that were. */
  int letGo() {
    int length = bytes.map(held -> held.length).orElse(0);
    bytes = Optional.empty();
    return length;
  }

  /** Returns the length of the file that it would have, in octets. */
  long length() {
    lock.lock();
    try {
      return place.length() + eventBytes;
    } finally {
      lock.unlock();
    }
  }

  /** Returns what happened to it; under the lock. */
  List<SpoolEvent> events() {
    return events;
  }

  /** Something happened to it, which {@code records} say; under the lock. */
  void happened(List<? extends SpoolEvent> more, byte[] records) {
    events.addAll(more);
    eventBytes += records.length;
  }

  /** Whether it is still in the journal; under the lock. */
  boolean isLive() {
    return !isGone;
  }

  /** It leaves the journal; under the lock. */
  void leave() {
    isGone = true;
  }
}
