package org.posthorn.daemon.inbound;

import java.io.IOException;
import java.io.InputStream;
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
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.posthorn.queue.spool.LocalDisk;

/**
 * The transactions that broke off (RFC 1845 §3), in two files each: what came of the content, and the {@link Checkpoint}.
 * Nothing is synced: a digest says whether the content is still what came, and a client of whom nothing is known begins anew.
 * A transaction is used by one session at a time, which has to {@link #claim} it. Safe for use by many threads.
 */
public final class Checkpoints {
  private static final String CONTENT = ".content";
  private static final String STATE = ".state";
  private static final String NEW = ".new";
  private static final int BLOCK = 64 * 1024;
  private static final Duration BETWEEN_SWEEPS = Duration.ofMinutes(10);

  private final Path folder;
  private final InstantSource clock;
  private final Set<String> claimed = ConcurrentHashMap.newKeySet();
  private final Map<String, Long> octets = new HashMap<>(); // guarded by this
  private long total; // guarded by this
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
      count(key, Files.exists(content(key)) ? Files.size(content(key)) : 0);
    }
    return known;
  }

  /** Appends to what came; false when there is no room for it. */
  boolean append(String key, byte[] content, int length, CheckpointSettings settings) throws IOException {
    if (!reserve(key, length, settings)) {
      return false;
    }
    Files.createDirectories(folder, LocalDisk.OURS_ONLY);
    try (var out = Files.newOutputStream(content(key), StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      out.write(content, 0, length);
    }
    return true;
  }

  /** Hands the first octets of what came to {@code reader}, and takes away what is beyond them. */
  void read(String key, long length, Reader reader) throws IOException {
    try (var channel = FileChannel.open(content(key), StandardOpenOption.WRITE)) {
      channel.truncate(length);
    }
    count(key, length);
    try (var in = Files.newInputStream(content(key))) {
      read(in, length, reader);
    }
  }

  /** Notes how far the transaction came, or how it ended: then its content goes. */
  void save(String key, Checkpoint checkpoint, CheckpointSettings settings) throws IOException {
    if (checkpoint.reply().isPresent()) {
      forget(key);
    }
    if (reserve(key, 0, settings)) {
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
    synchronized (this) {
      var freed = octets.remove(key);
      total -= freed == null ? 0 : freed;
    }
  }

  private synchronized boolean reserve(String key, long length, CheckpointSettings settings) {
    boolean isNew = !octets.containsKey(key);
    if ((isNew && octets.size() >= settings.transactions()) || (length > 0 && total + length > settings.bytes())) {
      return false;
    }
    octets.merge(key, length, Long::sum);
    total += length;
    return true;
  }

  private synchronized void count(String key, long size) {
    var before = octets.put(key, size);
    total += size - (before == null ? 0 : before);
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
      count(key, Files.exists(content(key)) ? Files.size(content(key)) : 0);
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

  static String hex(MessageDigest digest) {
    return HexFormat.of().formatHex(digest.digest());
  }
}
