package org.posthorn.daemon;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.posthorn.daemon.admin.DaemonStatus;
import org.posthorn.daemon.config.ConfigException;
import org.posthorn.daemon.config.Environment;
import org.posthorn.daemon.config.SettingsSource;
import org.posthorn.daemon.logging.Logging;
import org.posthorn.queue.Destination;
import org.posthorn.queue.QueueControl;
import org.posthorn.queue.QueueControl.Mode;
import org.posthorn.queue.QueueEntry;
import org.posthorn.queue.QueueFilter;
import org.posthorn.queue.QueueIdSource;
import org.posthorn.queue.spool.Disk;
import org.posthorn.queue.spool.LocalDisk;
import org.posthorn.queue.storage.QueueStorage;
import org.posthorn.smtp.Domain;
import org.posthorn.testkit.AcceptingServer;
import org.posthorn.testkit.SettableClock;
import org.posthorn.testkit.SmtpTalk;

/**
 * The whole daemon in this process, on a clock that a test moves. It is mail.example.org and has the mailboxes of alice and
 * bob at example.org.
 */
final class RunningMta implements AutoCloseable {
  private static final String SETTINGS = """
                                         hostname = "mail.example.org"
                                         data-directory = "data"
                                         [[listener]]
                                         address = "127.0.0.1:0"
                                         [local]
                                         domains = ["example.org"]
                                         users = ["alice", "bob"]
                                         aliases-file = "aliases"
                                         [smtp]
                                         reverse-lookup = false
                                         [log]
                                         file = "log"
                                         [queue]
                                         free-space-floor = "1MB"
                                         """;
  private static final Instant NOW = Instant.parse("2026-11-22T08:00:00Z");
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final long POLL_NANOS = Duration.ofMillis(5).toNanos();
  /** A destination without mail; its name sorts before every other. */
  private static final Destination NOWHERE = new Destination("!");

  private final Path directory;
  private final SettableClock clock;
  private final Logging logging;
  private final QueueStorage storage;
  private final Mta mta;

  private RunningMta(Path directory, Disk disk, SettableClock clock, RandomGenerator random)
      throws IOException, ConfigException {
    this.directory = directory;
    this.clock = clock;
    var source = new SettingsSource(Optional.of(directory.resolve("posthorn.toml")),
        new Environment(Domain.of("mail.example.org"), "alice", Set.of(), directory));
    var settings = source.read();
    Files.createDirectories(settings.dataDirectory());
    logging = Logging.start(settings.log());
    storage = QueueStorage.open(settings.dataDirectory(), disk, settings.spool(), new QueueIdSource(clock, random));
    mta = Mta.start(settings, source, storage, logging, clock, random);
  }

  /** Returns the settings that send all mail for elsewhere to {@code server}. */
  static String relay(AcceptingServer server) {
    return """
           [[route]]
           via = "smtp://127.0.0.1:%d"
           """.formatted(server.address().getPort());
  }

  /** Starts it in {@code directory}, empty or left by another; {@code settings} are keys of {@code [queue]} and tables
   * beyond the usual ones. */
  static RunningMta start(Path directory, String settings) throws IOException, ConfigException {
    return start(directory, settings, new LocalDisk(), new SettableClock(NOW));
  }

  /** The same with its spool on {@code disk}, and with the clock of another. */
  static RunningMta start(Path directory, String settings, Disk disk, SettableClock clock)
      throws IOException, ConfigException {
    return start(directory, settings, disk, clock, new Random(1));
  }

  /** The same with what it makes up from {@code random}. */
  static RunningMta start(Path directory, String settings, RandomGenerator random) throws IOException, ConfigException {
    return start(directory, settings, new LocalDisk(), new SettableClock(NOW), random);
  }

  private static RunningMta start(Path directory, String settings, Disk disk, SettableClock clock,
      RandomGenerator random) throws IOException, ConfigException {
    var aliases = directory.resolve("aliases");
    if (Files.notExists(aliases)) {
      Files.writeString(aliases, "");
    }
    Files.writeString(directory.resolve("posthorn.toml"), SETTINGS + settings);
    return new RunningMta(directory, disk, clock, random);
  }

  /** Puts other settings and aliases in force; throws ConfigException when they are wrong. */
  void reload(String settings, String aliases) throws IOException, ConfigException {
    Files.writeString(directory.resolve("aliases"), aliases);
    Files.writeString(directory.resolve("posthorn.toml"), SETTINGS + settings);
    reload();
  }

  /** Puts the settings in force as their file is now; returns the keys of what waits for the next start. */
  List<String> reload() throws ConfigException {
    return mta.reload();
  }

  SettableClock clock() {
    return clock;
  }

  QueueControl control() {
    return mta.control();
  }

  DaemonStatus status() {
    return mta.status();
  }

  /** Returns the port of the listener with this number, counted from 0. */
  int port(int listener) {
    return mta.listening().get(listener).getPort();
  }

  /** Connects a client that has been greeted and has said EHLO. */
  SmtpTalk greet() throws IOException {
    return SmtpTalk.greet(mta.listening().getFirst().getPort());
  }

  /** Hands over one message. */
  void accept(String from, String to, String content) throws IOException {
    try (var talk = greet()) {
      talk.mail(from, to, content);
      talk.say("QUIT", "221");
    }
  }

  /** Moves the clock, and has the scheduler look at it. */
  void setClock(Instant now) {
    clock.set(now);
    control().resume(NOWHERE);
  }

  /** Lets ten seconds after ten seconds pass until {@code condition} holds. */
  void awaitWhileTimePasses(String what, BooleanSupplier condition) {
    await(what, () -> {
      setClock(clock.instant().plusSeconds(10));
      return condition.getAsBoolean();
    });
  }

  /** Tries all that waits now. */
  void retry() {
    control().retry(QueueFilter.ALL, Mode.ACT);
  }

  /** Returns the recipients that wait. */
  List<QueueEntry> waiting() {
    var entries = new ArrayList<QueueEntry>();
    control().list(QueueFilter.ALL, entries::add);
    return entries;
  }

  /** Waits until the next attempt of everything that waits is in the future, and returns it; empty when nothing waits. */
  List<QueueEntry> awaitDeferred() {
    var seen = new AtomicReference<List<QueueEntry>>(List.of());
    await("an end of all attempts", () -> {
      seen.set(waiting()); // once: a report may come between two looks
      return seen.get().stream().allMatch(entry -> entry.state() == QueueEntry.State.DEFERRED);
    });
    return seen.get();
  }

  /** Waits until nothing waits. */
  void awaitEmpty() {
    await("an empty queue", () -> waiting().isEmpty());
  }

  /** Returns the messages in the mailbox of {@code user}, oldest first, each octet as one char. */
  List<String> mailbox(String user) {
    var newMail = directory.resolve("data/mail/example.org").resolve(user).resolve("new");
    return Files.exists(newMail) ? files(newMail).stream().map(RunningMta::read).toList() : List.of();
  }

  /** Waits until {@code user} has {@code count} messages, and returns them. */
  List<String> awaitMailbox(String user, int count) {
    await(count + " messages for " + user, () -> mailbox(user).size() >= count);
    return mailbox(user);
  }

  /** Returns all files below the spool. */
  List<Path> spooled() {
    return files(directory.resolve("data/spool")).stream().filter(file -> !file.endsWith("lock")).toList();
  }

  /** Waits until {@code condition} holds; an AssertionError with the log when it does not after a minute. */
  void await(String what, BooleanSupplier condition) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("waited in vain for " + what + "; the log:\n" + log());
      }
      LockSupport.parkNanos(POLL_NANOS);
    }
  }

  /** Waits until each of {@code texts} was logged, which happens behind what it tells of, and returns the log. */
  String awaitLog(String... texts) {
    await("log of " + List.of(texts), () -> Stream.of(texts).allMatch(log()::contains));
    return log();
  }

  /** Returns what was logged so far. */
  String log() {
    return read(directory.resolve("log"));
  }

  private static String read(Path file) {
    try {
      return Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new AssertionError("cannot read " + file, e);
    }
  }

  /** Returns the files below {@code directory}, where any may vanish meanwhile. */
  private static List<Path> files(Path directory) {
    var files = new ArrayList<Path>();
    try {
      Files.walkFileTree(directory, new SimpleFileVisitor<>() {
        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
          files.add(file);
          return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFileFailed(Path file, IOException e) {
          return FileVisitResult.CONTINUE;
        }
      });
    } catch (IOException e) {
      throw new AssertionError("cannot list " + directory, e);
    }
    Collections.sort(files);
    return files;
  }

  /** Stops it as SIGTERM does. */
  @Override
  public void close() {
    try (logging; storage; mta) {
      mta.stop();
    }
  }
}
