package org.posthorn.daemon.inbound;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.posthorn.queue.spool.LocalDisk;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The transactions that broke off (RFC 1845 §3), in two files each: what came of the content, and the {@link Checkpoint}.
 * Nothing is synced: a digest says whether the content is still what came, and a client of whom nothing is known begins anew.
 * A transaction is used by one session at a time, which has to {@link #claim} it. Its key is a name of its client and one of
 * its own, with a hyphen between them. Safe for use by many threads.
 */
public final class Checkpoints implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Checkpoints.class);
  private static final String CONTENT = ".content";
  private static final String STATE = ".state";
  private static final String NEW = ".new";
  private static final short CR_LF = '\r' << 8 | '\n';
  private static final int BLOCK = 64 * 1024;
  private static final Duration BETWEEN_SWEEPS = Duration.ofMinutes(10);

  private final Path folder;
  private final InstantSource clock;
  private final Set<String> claimed = ConcurrentHashMap.newKeySet();
  private final CheckpointRoom room = new CheckpointRoom();
  private final LongAdder resumed = new LongAdder();
  private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform()
      .daemon()
      .name("checkpoints")
      .factory());
  private Instant nextSweep = Instant.MIN; // guarded by this

  /** Takes {@code content} piece by piece. */
  interface Reader {
    void take(byte[] content, int length) throws IOException;
  }

  /** Keeps them in {@code folder}, which is made when the first comes. */
  public Checkpoints(Path folder, InstantSource clock) {
    this.folder = folder;
    this.clock = clock;
  }

  /** Takes away what is too old, and counts what is there, now and again and again until it is closed. */
  public void start(Supplier<CheckpointSettings> settings) {
    var _ = thread.scheduleWithFixedDelay(() -> sweepSafely(settings.get()), 0, BETWEEN_SWEEPS.toSeconds(),
        TimeUnit.SECONDS);
  }

  private void sweepSafely(CheckpointSettings settings) {
    try {
      sweepWhenDue(settings);
    } catch (IOException | RuntimeException e) { // the thread must go on
      log.atWarn().setCause(e).log("cannot take away what is too old of messages that broke off");
    }
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }

  /** Returns how much is kept. */
  public CheckpointFill fill() {
    return room.total();
  }

  /** Returns how many transactions have gone on since the start. */
  public long resumed() {
    return resumed.sum();
  }

  /** Counts a transaction that goes on. */
  void goesOn() {
    resumed.increment();
  }

  /** Reserves {@code key} for a session; false when another one has it. */
  boolean claim(String key) {
    return claimed.add(key);
  }

  void release(String key) {
    claimed.remove(key);
  }

  /** Returns what can be gone on with. Blocks for the disk. */
  Optional<Checkpoint> find(String key, CheckpointSettings settings) throws IOException {
    sweepWhenDue(settings);
    var known = read(key).filter(checkpoint -> !hasExpired(checkpoint, settings) && isWhole(key, checkpoint));
    if (known.isEmpty()) {
      forget(key);
    } else {
      count(key);
    }
    return known;
  }

  /** Appends to what came; false when there is no room for it. */
  boolean append(String key, byte[] content, int length, CheckpointSettings settings) throws IOException {
    if (!room.take(key, length, settings)) {
      return false;
    }
    Files.createDirectories(folder, LocalDisk.OURS_ONLY);
    try (var out = Files.newOutputStream(content(key), StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      out.write(content, 0, length);
    }
    return true;
  }

  /** Whether the first {@code length} octets of what came are whole lines. Blocks for the disk. */
  boolean endsLine(String key, long length) throws IOException {
    try (var channel = FileChannel.open(content(key), StandardOpenOption.READ)) {
      var end = ByteBuffer.allocate(2);
      return length == 0 || (length > 1 && channel.read(end, length - 2) == 2 && end.flip().getShort() == CR_LF);
    }
  }

  /** Hands the first octets of what came to {@code reader}, and takes away what is beyond them. */
  void read(String key, long length, Reader reader) throws IOException {
    try (var channel = FileChannel.open(content(key), StandardOpenOption.WRITE)) {
      channel.truncate(length);
    }
    room.set(key, length);
    try (var in = Files.newInputStream(content(key))) {
      read(in, length, reader);
    }
  }

  /** Notes how far the transaction came, or how it ended: then its content goes. */
  void save(String key, Checkpoint checkpoint, CheckpointSettings settings) throws IOException {
    if (checkpoint.reply().isPresent()) {
      forget(key);
    }
    if (room.take(key, 0, settings)) {
      Files.createDirectories(folder, LocalDisk.OURS_ONLY);
      var fresh = folder.resolve(key + NEW);
      Files.write(fresh, checkpoint.lines(), StandardCharsets.UTF_8);
      Files.move(fresh, state(key), StandardCopyOption.ATOMIC_MOVE);
    }
  }

  /** Forgets the transaction. */
  void forget(String key) throws IOException {
    Files.deleteIfExists(state(key));
    Files.deleteIfExists(content(key));
    room.free(key);
  }

  private void count(String key) throws IOException {
    room.set(key, Files.exists(content(key)) ? Files.size(content(key)) : 0);
  }

  private Optional<Checkpoint> read(String key) throws IOException {
    try {
      return Checkpoint.parse(Files.readAllLines(state(key), StandardCharsets.UTF_8));
    } catch (NoSuchFileException _) {
      return Optional.empty();
    }
  }

  private boolean hasExpired(Checkpoint checkpoint, CheckpointSettings settings) {
    return !clock.instant().isBefore(checkpoint.at().plus(settings.retention()));
  }

  private boolean isWhole(String key, Checkpoint checkpoint) {
    if (checkpoint.reply().isPresent()) {
      return true;
    }
    var digest = sha256();
    try (var in = Files.newInputStream(content(key))) {
      read(in, checkpoint.octets(), (content, length) -> digest.update(content, 0, length));
      return hex(digest).equals(checkpoint.digest());
    } catch (IOException _) {
      return false;
    }
  }

  private static void read(InputStream in, long length, Reader reader) throws IOException {
    var block = new byte[BLOCK];
    for (long left = length; left > 0;) {
      int taken = in.read(block, 0, (int) Math.min(left, block.length));
      if (taken < 0) {
        throw new IOException("octets are missing");
      }
      reader.take(block, taken);
      left -= taken;
    }
  }

  /** Takes away what is too old, and what no session is going to end any more; counts what is there. */
  private synchronized void sweepWhenDue(CheckpointSettings settings) throws IOException {
    Instant now = clock.instant();
    if (now.isBefore(nextSweep) || !Files.isDirectory(folder)) {
      return;
    }
    nextSweep = now.plus(BETWEEN_SWEEPS);
    try (var files = Files.newDirectoryStream(folder)) {
      for (var file : files) {
        var name = String.valueOf(file.getFileName());
        sweep(name.substring(0, Math.max(name.indexOf('.'), 0)), settings);
      }
    }
  }

  private synchronized void sweep(String key, CheckpointSettings settings) throws IOException {
    if (claimed.contains(key)) {
      return;
    }
    if (read(key).filter(checkpoint -> !hasExpired(checkpoint, settings)).isEmpty()) {
      Files.deleteIfExists(folder.resolve(key + NEW));
      forget(key);
    } else {
      count(key);
    }
  }

  private Path content(String key) {
    return folder.resolve(key + CONTENT);
  }

  private Path state(String key) {
    return folder.resolve(key + STATE);
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Returns the digest of what came so far, to which more may be added. */
  static String hex(MessageDigest digest) {
    try {
      return HexFormat.of().formatHex(((MessageDigest) digest.clone()).digest());
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException(e);
    }
  }
}
