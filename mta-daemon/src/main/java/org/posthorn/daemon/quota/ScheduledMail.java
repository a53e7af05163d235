package org.posthorn.daemon.quota;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.posthorn.daemon.quota.Quotas.Exceeded;
import org.posthorn.queue.QueueId;
import org.posthorn.queue.QueueIndex.Scheduled;
import org.posthorn.queue.QueueIndex.ScheduledTotal;

/**
 * Counts what waits for a time that its sender has set (RFC 4865 §6): what the index of the queue has, which follows a little
 * later, and what was taken just now. Safe for use by many threads; all calls wait for the index.
 */
public final class ScheduledMail {
  /** What the index has. */
  public interface Indexed {
    /** Returns at most {@code limit} messages of {@code account} that wait for their time. */
    List<Scheduled> of(String account, int limit);

    /** Returns how many each account has. */
    List<ScheduledTotal> all();
  }

  /** Nothing waits. */
  static final Indexed NOTHING = new Indexed() {
    @Override
    public List<Scheduled> of(String account, int limit) {
      return List.of();
    }

    @Override
    public List<ScheduledTotal> all() {
      return List.of();
    }
  };

  /** How long a message may take to the index; one that came and went unseen counts for that long. */
  private static final Duration TO_INDEX = Duration.ofMinutes(1);
  private static final int MEGABYTE = 1 << 20;
  private static final int MOST = 1_000_000;

  private final Indexed index;
  private final InstantSource clock;
  @GuardedBy("this")
  private final Map<String, List<Room>> fresh = new HashMap<>();

  ScheduledMail(Indexed index, InstantSource clock) {
    this.index = index;
    this.clock = clock;
  }

  /** Room for one message, given back when it was not taken before this is closed. Used by one thread. */
  public final class Room implements AutoCloseable {
    private final String account;
    private final long octets;
    private final Instant since = clock.instant();
    private final Optional<Exceeded> exceeded;
    private Optional<QueueId> id = Optional.empty();

    private Room(String account, long octets, Optional<Exceeded> exceeded) {
      this.account = account;
      this.octets = octets;
      this.exceeded = exceeded;
    }

    /** Returns the limit for which there is none. */
    public Optional<Exceeded> exceeded() {
      return exceeded;
    }

    /** The message is in the queue as {@code message}. */
    public void taken(QueueId message) {
      synchronized (ScheduledMail.this) {
        id = Optional.of(message);
      }
    }

    @Override
    public void close() {
      giveBack(this);
    }

    private boolean isIn(Set<QueueId> indexed) {
      return id.filter(indexed::contains).isPresent();
    }
  }

  /** Says which limit one more message of {@code octets} would exceed, if any. */
  synchronized Optional<Exceeded> check(String account, SendingLimits limits, long octets) {
    var messages = limits.of(Limit.SCHEDULED_MESSAGES);
    var megabytes = limits.of(Limit.SCHEDULED_MEGABYTES);
    if (messages.isEmpty() && megabytes.isEmpty()) {
      return Optional.empty();
    }
    var waiting = index.of(account, Math.min(messages.orElse(MOST), MOST));
    var others = fresh(account, waiting.stream().map(Scheduled::id).collect(Collectors.toSet()));
    int count = waiting.size() + others.size() + 1;
    long size = octets + waiting.stream().mapToLong(Scheduled::contentBytes).sum()
        + others.stream().mapToLong(room -> room.octets).sum();
    return messages.filter(allowed -> count > allowed)
        .map(allowed -> new Exceeded(Limit.SCHEDULED_MESSAGES, allowed, count))
        .or(() -> megabytes.filter(allowed -> size > (long) allowed * MEGABYTE)
            .map(allowed -> new Exceeded(Limit.SCHEDULED_MEGABYTES, allowed, megabytes(size))));
  }

  @GuardedBy("this")
  private List<Room> fresh(String account, Set<QueueId> indexed) {
    var oldest = clock.instant().minus(TO_INDEX);
    var own = new ArrayList<>(fresh.getOrDefault(account, List.of()));
    own.removeIf(room -> room.isIn(indexed) || room.since.isBefore(oldest));
    put(account, own);
    return own;
  }

  @GuardedBy("this")
  private void put(String account, List<Room> own) {
    if (own.isEmpty()) {
      fresh.remove(account);
    } else {
      fresh.put(account, own);
    }
  }

  /** Keeps room for a message of {@code octets}, if there is any. */
  synchronized Room reserve(String account, SendingLimits limits, long octets) {
    var room = new Room(account, octets, check(account, limits, octets));
    if (room.exceeded.isEmpty()) {
      var own = new ArrayList<>(fresh.getOrDefault(account, List.of()));
      own.add(room);
      put(account, own);
    }
    return room;
  }

  private synchronized void giveBack(Room room) {
    if (room.id.isEmpty()) {
      var own = new ArrayList<>(fresh.getOrDefault(room.account, List.of()));
      own.remove(room);
      put(room.account, own);
    }
  }

  /** Returns what waits, for each who has any; what was taken just now may be missing. */
  Map<String, Map<Limit, Integer>> used() {
    var used = new HashMap<String, Map<Limit, Integer>>();
    for (var total : index.all()) {
      var own = new EnumMap<Limit, Integer>(Limit.class);
      own.put(Limit.SCHEDULED_MESSAGES, (int) total.messages());
      own.put(Limit.SCHEDULED_MEGABYTES, megabytes(total.contentBytes()));
      used.put(total.account(), own);
    }
    return used;
  }

  /** Rounds up: the least message takes room. */
  private static int megabytes(long octets) {
    return (int) Math.ceilDiv(octets, MEGABYTE);
  }
}
