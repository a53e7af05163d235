package org.posthorn.daemon.tracking;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.IntSupplier;
import org.posthorn.queue.Fate;
import org.posthorn.queue.QueuedMessage;
import org.posthorn.queue.RecipientNumber;
import org.posthorn.queue.spool.LocalDisk;
import org.posthorn.smtp.Tracking;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What became of the messages that their senders track (RFC 3885), a file for each, so that a restart forgets nothing. The
 * name of the file is a hash of ENVID and certifier: who does not know the secret cannot even find it. Bounded in number;
 * a file that has reached 1 MiB takes no more messages and no more delays, only how those in it end. A message that finds no
 * room is delivered all the same. Nothing is synced: after a power failure the latest may be missing. Safe for use by many
 * threads.
 */
public final class TrackBook {
  private static final Logger log = LoggerFactory.getLogger(TrackBook.class);
  private static final String SUFFIX = ".track";
  private static final long MAX_BYTES = 1 << 20;
  private static final Duration BETWEEN_SWEEPS = Duration.ofMinutes(10);

  private final Path folder;
  private final IntSupplier most;
  private final InstantSource clock;
  private final Executor sweeper;
  private int tracks; // guarded by this
  private Instant nextSweep; // guarded by this

  /** Keeps at most {@code most} messages in {@code folder}, which is made when the first comes. */
  public TrackBook(Path folder, IntSupplier most, InstantSource clock) {
    this(folder, most, clock, task -> Thread.ofPlatform().daemon().name("track-sweep").start(task));
  }

  /** {@code sweeper} reads all files now and then; whoever brings a message does not wait for that. */
  TrackBook(Path folder, IntSupplier most, InstantSource clock, Executor sweeper) {
    this.folder = folder;
    this.most = most;
    this.clock = clock;
    this.sweeper = sweeper;
    nextSweep = clock.instant();
    tracks = count(folder);
  }

  /** Returns how many names it has files for: mostly a message each. */
  public synchronized int tracked() {
    return tracks;
  }

  private static int count(Path folder) {
    int found = 0;
    try (var files = Files.newDirectoryStream(folder, "*" + SUFFIX)) {
      for (var _ : files) {
        found++;
      }
    } catch (NoSuchFileException _) {
      return 0;
    } catch (IOException | DirectoryIteratorException e) {
      log.atWarn().setCause(e).log("cannot count what is tracked");
    }
    return found;
  }

  /**
   * Begins to track {@code message}, if it asks for that. Whatever fails is logged and not thrown: the message is ours
   * already.
   */
  public void begin(QueuedMessage message) {
    file(message).ifPresent(file -> begin(message, file)); // mail that nobody tracks waits for no disk here
  }

  private synchronized void begin(QueuedMessage message, Path file) {
    try {
      Files.createDirectories(folder, LocalDisk.OURS_ONLY);
      sweepWhenDue();
      if (tracks >= most.getAsInt()) {
        log.atWarn().addKeyValue("id", message.id().value()).log("too many messages are tracked; this one is not");
        return;
      }
      if (isFull(file)) {
        log.atWarn()
            .addKeyValue("id", message.id().value())
            .log("too many messages of one name; this one is not tracked");
        return;
      }
      tracks += Files.exists(file) ? 0 : 1;
      append(file, TrackText.beginning(message, expiry(message)));
    } catch (IOException | RuntimeException | Error e) {
      log.atWarn().addKeyValue("id", message.id().value()).setCause(e).log("cannot track");
    }
  }

  /** Notes what became of {@code recipient}. Whatever fails is logged and not thrown. */
  public void note(QueuedMessage message, RecipientNumber recipient, Fate fate) {
    file(message).ifPresent(file -> note(message, recipient, fate, file));
  }

  private synchronized void note(QueuedMessage message, RecipientNumber recipient, Fate fate, Path file) {
    try {
      if (Files.exists(file) && (fate.action() != Fate.Action.DELAYED || !isFull(file))) {
        append(file, TrackText.fate(message.id(), recipient, fate));
      }
    } catch (IOException | RuntimeException | Error e) {
      log.atWarn().addKeyValue("id", message.id().value()).setCause(e).log("cannot track");
    }
  }

  /** Returns what is known of the messages with {@code envelopeId} whose sender knows {@code secret}; mostly one. */
  List<Track> find(String envelopeId, byte[] secret) throws IOException {
    var certifier = Base64.getEncoder().withoutPadding().encodeToString(hash("SHA-1", secret)); // RFC 3885 §3.1
    var file = file(envelopeId, certifier);
    try {
      return read(file).stream().filter(track -> !track.hasExpired(clock.instant())).toList();
    } catch (NoSuchFileException _) {
      return List.of();
    }
  }

  private static List<Track> read(Path file) throws IOException {
    return TrackText.read(Files.readAllLines(file, StandardCharsets.UTF_8));
  }

  private static boolean isFull(Path file) throws IOException {
    return Files.exists(file) && Files.size(file) >= MAX_BYTES;
  }

  private synchronized void sweepWhenDue() {
    Instant now = clock.instant();
    if (!now.isBefore(nextSweep)) {
      nextSweep = now.plus(BETWEEN_SWEEPS);
      sweeper.execute(() -> sweep(now));
    }
  }

  /** Forgets what is out of date; what still waits here is never forgotten (RFC 3885 §3.1). */
  private void sweep(Instant now) {
    try (var files = Files.newDirectoryStream(folder, "*" + SUFFIX)) {
      for (var file : files) {
        sweep(file, now);
      }
    } catch (IOException | DirectoryIteratorException e) {
      log.atWarn().setCause(e).log("cannot look through what is tracked");
    }
  }

  private void sweep(Path file, Instant now) {
    try {
      if (hasExpired(file, now)) {
        forget(file, now);
      }
    } catch (IOException | RuntimeException e) {
      log.atWarn().addKeyValue("file", file).setCause(e).log("cannot read what is tracked");
    }
  }

  private static boolean hasExpired(Path file, Instant now) throws IOException {
    return read(file).stream().allMatch(track -> track.hasExpired(now));
  }

  /** Looks again: another message may have come into the file meanwhile. */
  private synchronized void forget(Path file, Instant now) throws IOException {
    if (hasExpired(file, now) && Files.deleteIfExists(file)) {
      tracks--;
    }
  }

  private static void append(Path file, String text) throws IOException {
    Files.writeString(file, text, StandardCharsets.UTF_8, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  private static Instant expiry(QueuedMessage message) {
    return message.queuedAt()
        .plus(message.envelope().handling().tracking().flatMap(Tracking::timeout).orElse(Duration.ofDays(9)));
  }

  private Optional<Path> file(QueuedMessage message) {
    var envelope = message.envelope();
    return envelope.handling()
        .tracking()
        .flatMap(tracking -> envelope.dsn().envelopeId().map(id -> file(id, tracking.certifier())));
  }

  private Path file(String envelopeId, String certifier) {
    byte[] name = hash("SHA-256", (certifier + " " + envelopeId).getBytes(StandardCharsets.UTF_8));
    return folder.resolve(HexFormat.of().formatHex(name) + SUFFIX);
  }

  private static byte[] hash(String algorithm, byte[] text) {
    try {
      return MessageDigest.getInstance(algorithm).digest(text);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
