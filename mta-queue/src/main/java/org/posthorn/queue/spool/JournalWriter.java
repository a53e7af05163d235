package org.posthorn.queue.spool;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.posthorn.queue.PlatformThreads;
import org.posthorn.queue.QueueId;
import org.posthorn.queue.spool.Disk.WritableFile;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Appends to the journal, on a thread of its own: all that came while the disk was busy is written and synced together.
 * Safe for use by many threads.
 *
 * <p>After a failure nothing can be said of what the disk holds of a batch: the segment is cut back to what was synced
 * before, so that no message that was refused comes back, and the next batch begins a new one.
 */
final class JournalWriter implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(JournalWriter.class);
  private static final int BUFFER_BYTES = 1024 * 1024;
  /** How soon the disk is tried again, after a failure, for what nobody waits for. */
  private static final Duration RETRY = Duration.ofSeconds(1);

  /** Records that are synced together, and those who wait for them. */
  private static final class Round {
    final List<Append> appends = new ArrayList<>();
    final CountDownLatch done = new CountDownLatch(1);
    boolean isAwaited;
    Optional<IOException> failure = Optional.empty();
  }

  /** A record to be written, and where it was. */
  private static final class Append {
    final JournalRecord.Kind kind;
    final QueueId id;
    final byte[] bytes;
    final int length;
    Optional<JournalEntry.Place> place = Optional.empty();

    Append(JournalRecord.Kind kind, QueueId id, byte[] bytes, int length) {
      this.kind = kind;
      this.id = id;
      this.bytes = bytes;
      this.length = length;
    }
  }

  private static final byte[] NOTHING = {};

  private final Disk disk;
  private final Path directory;
  private final JournalSettings settings;
  private final JournalSpares spares;
  private final RandomGenerator keys;
  private final Consumer<JournalSegment> begun;
  private final CountDownLatch ended = new CountDownLatch(1);

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  @GuardedBy("lock")
  private Round next = new Round();
  @GuardedBy("lock")
  private boolean isClosing;
  @GuardedBy("lock")
  private boolean isWriterWaiting;

  /** Whether the last batch failed. */
  private volatile boolean isFailing;
  // Used by the writing thread only:
  private final byte[] buffer = new byte[BUFFER_BYTES];
  private int buffered;
  private long nextNumber;
  private Optional<WritableFile> file = Optional.empty();
  private JournalSegment segment;
  private long end;

  /**
   * Prepares to write; no segment is begun before the first record.
   *
   * @param spares files that segments may be written over
   * @param firstNumber the number of the first segment
   * @param begun is told of each segment, before anything in it counts
   */
  JournalWriter(Disk disk, Path directory, JournalSettings settings, JournalSpares spares, long firstNumber,
      Consumer<JournalSegment> begun) {
    this.disk = disk;
    this.directory = directory;
    this.settings = settings;
    this.spares = spares;
    this.begun = begun;
    this.keys = new SecureRandom();
    this.nextNumber = firstNumber;
    this.segment = new JournalSegment(directory, firstNumber - 1, 0);
    Thread.ofPlatform().name("journal").daemon().start(this::run);
  }

  /** Appends an entry, and returns where it is once it is on stable storage. Throws IOException when it will never be. */
  JournalEntry.Place append(QueueId id, byte[] entry, int length) throws IOException {
    return await(new Append(JournalRecord.Kind.ENTRY, id, entry, length)).place.orElseThrow();
  }

  /** Appends event records, and returns once they are on stable storage. */
  void append(QueueId id, byte[] events) throws IOException {
    await(new Append(JournalRecord.Kind.EVENTS, id, events, events.length));
  }

  /**
   * Notes that a message has left the journal, and returns once that is on stable storage. When it throws, this is written
   * as soon as the disk lets us.
   */
  void done(QueueId id) throws IOException {
    await(new Append(JournalRecord.Kind.DONE, id, NOTHING, 0));
  }

  /**
   * Notes that a message has left the journal, soon: with the next batch, at most {@link JournalSettings.Timing#linger} from now.
   * While the disk fails it waits, and throws, so that what a crash repeats stays bounded.
   */
  void doneSoon(QueueId id) throws IOException {
    if (isFailing) {
      done(id);
    } else {
      add(new Append(JournalRecord.Kind.DONE, id, NOTHING, 0), false);
    }
  }

  private Append await(Append append) throws IOException {
    var round = add(append, true);
    PlatformThreads.awaitUninterruptibly(round.done);
    if (round.failure.isPresent()) {
      throw new IOException("cannot write the journal", round.failure.get());
    }
    return append;
  }

  private Round add(Append append, boolean isAwaited) throws IOException {
    lock.lock();
    try {
      if (isClosing) {
        throw new IOException("the journal is closed");
      }
      var round = next;
      boolean isNews = round.appends.isEmpty() || (isAwaited && !round.isAwaited);
      round.appends.add(append);
      round.isAwaited |= isAwaited;
      if (isNews && isWriterWaiting) {
        changed.signal();
      }
      return round;
    } finally {
      lock.unlock();
    }
  }

  /** Whether the disk refused the last batch. */
  boolean isFailing() {
    return isFailing;
  }

  private void run() {
    try {
      for (var round = nextRound(); round.isPresent(); round = nextRound()) {
        write(round.get());
      }
    } finally {
      ended.countDown();
    }
  }

  /** Waits for records; for company too, as long as nobody waits for them. Empty when the journal is closed. */
  private Optional<Round> nextRound() {
    lock.lock();
    try {
      isWriterWaiting = true;
      long nanos = (isFailing ? RETRY : settings.timing().linger()).toNanos();
      while (!next.isAwaited && !isClosing && (next.appends.isEmpty() || nanos > 0)) {
        if (next.appends.isEmpty()) {
          changed.await();
        } else {
          nanos = changed.awaitNanos(nanos);
        }
      }
      isWriterWaiting = false;
      if (next.appends.isEmpty()) {
        return Optional.empty();
      }
      var round = next;
      next = new Round();
      return Optional.of(round);
    } catch (InterruptedException e) {
      throw new IllegalStateException("nobody has this thread to interrupt it", e);
    } finally {
      lock.unlock();
    }
  }

  private void write(Round round) {
    try {
      prepare();
      for (var append : round.appends) {
        put(append);
      }
      flush();
      current().sync();
      segment.bytes = end;
      isFailing = false;
    } catch (IOException | RuntimeException | Error e) {
      fail(round, e);
    }
    round.done.countDown();
  }

  /** Sees to it that there is a segment to write to. */
  private void prepare() throws IOException {
    if (isFailing) {
      undo();
    }
    if (file.isPresent() && end >= settings.segmentBytes()) {
      var full = file.get();
      file = Optional.empty();
      full.close();
    }
    if (file.isEmpty()) {
      var fresh = new JournalSegment(directory, nextNumber++, keys.nextLong());
      var opened = spares.take(fresh.file);
      file = Optional.of(opened.isPresent() ? opened.get() : disk.create(fresh.file));
      segment = fresh;
      end = 0;
      begun.accept(fresh);
      disk.syncDirectory(directory);
      write(fresh.start(), JournalSegment.START_BYTES);
    }
  }

  private WritableFile current() {
    return file.orElseThrow();
  }

  private void put(Append append) throws IOException {
    long crc = Fields.crc(append.bytes, 0, append.length);
    if (buffer.length - buffered < JournalRecord.BYTES + append.length) {
      flush();
    }
    new JournalRecord(append.kind, append.id, append.length, crc).putInto(buffer, buffered, segment.key);
    buffered += JournalRecord.BYTES;
    if (append.kind == JournalRecord.Kind.ENTRY) {
      append.place = Optional.of(new JournalEntry.Place(segment, end + buffered, append.length));
      segment.live.incrementAndGet(); // before the record counts: from then on the segment must not be deleted
    }
    write(append.bytes, append.length);
  }

  private void write(byte[] bytes, int length) throws IOException {
    int from = 0;
    while (length - from > buffer.length - buffered) {
      int part = buffer.length - buffered;
      System.arraycopy(bytes, from, buffer, buffered, part);
      buffered += part;
      from += part;
      flush();
    }
    System.arraycopy(bytes, from, buffer, buffered, length - from);
    buffered += length - from;
  }

  private void flush() throws IOException {
    int length = buffered;
    buffered = 0;
    current().write(buffer, 0, length, end);
    end += length;
  }

  private void fail(Round round, Throwable cause) {
    if (!isFailing) {
      log.atError().setCause(cause).log("cannot write the journal");
    }
    isFailing = true;
    buffered = 0;
    round.appends.stream()
        .flatMap(append -> append.place.stream())
        .forEach(place -> place.segment().live.decrementAndGet());
    round.failure = Optional.of(cause instanceof IOException known ? known : new IOException(cause));
    try {
      undo();
    } catch (IOException | RuntimeException | Error e) { // the next batch begins with it
      cause.addSuppressed(e);
    }
    keepDone(round);
  }

  /** Cuts off what was not synced: its messages were refused. */
  private void undo() throws IOException {
    buffered = 0;
    if (file.isPresent()) {
      var spoilt = current();
      spoilt.truncate(segment.bytes);
      spoilt.sync();
      file = Optional.empty();
      spoilt.close();
    }
  }

  /** That a message has left the journal stays true, and is written with the next batch. */
  private void keepDone(Round failed) {
    failed.appends.removeIf(append -> append.kind != JournalRecord.Kind.DONE);
    lock.lock();
    try {
      if (!isClosing) {
        next.appends.addAll(0, failed.appends);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Writes what is left, and ends. */
  @Override
  public void close() {
    lock.lock();
    try {
      isClosing = true;
      changed.signal();
    } finally {
      lock.unlock();
    }
    PlatformThreads.awaitUninterruptibly(ended);
    try {
      if (file.isPresent()) {
        current().close();
      }
    } catch (IOException e) {
      log.atWarn().setCause(e).log("cannot close the journal");
    }
  }
}
