package org.posthorn.delivery.mailbox;

import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.posthorn.delivery.sevenbit.Converted;
import org.posthorn.delivery.sevenbit.SevenBitConversion;
import org.posthorn.queue.Attempt;
import org.posthorn.queue.Attempt.SiteState;
import org.posthorn.queue.Delivery;
import org.posthorn.queue.DeliveryTask;
import org.posthorn.queue.Outcome;
import org.posthorn.queue.Outcome.Diagnostic;
import org.posthorn.queue.Outcome.Handover;
import org.posthorn.queue.RecipientNumber;
import org.posthorn.smtp.BodyType;
import org.posthorn.smtp.Mailbox;
import org.posthorn.smtp.Printable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Delivers into the mailboxes of this machine. Safe for use by many threads, and so is each lane: there is no connection
 * to keep. The disk is waited for on threads of its own, because a sync on a virtual thread would hold up others.
 */
public final class MailboxDelivery implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(MailboxDelivery.class);
  /** So many syncs run at once: the journal of the file system takes those that wait in one go. */
  private static final int DISK_THREADS = 16;
  /** How long to wait for an mbox that another program reads or writes; Postfix waits as long. See {@link LockWaits}. */
  private static final Duration LOCK_PATIENCE = Duration.ofSeconds(20);
  private static final Duration LOCK_PAUSE = Duration.ofMillis(250);
  /** How long a thread waits for others of ours that write to the same mbox. */
  private static final Duration TURN_PATIENCE = Duration.ofSeconds(2);

  /** Two mbox files seldom share a turn; a lock for each would grow with the users. */
  private static final int MBOX_TURNS = 256;

  private static final Outcome NO_SUCH_USER = new Outcome.Failed(Diagnostic.ours("5.1.1", "no such user here"));
  private static final Outcome LOCKED = new Outcome.Deferred(
      Diagnostic.ours("4.2.0", "the mailbox is locked, or busy"));
  private static final Outcome OUR_FAULT = new Outcome.Deferred(Diagnostic.ours("4.3.0", "local delivery failed"));

  private final MailboxSettings settings;
  private final MailboxPaths paths;
  private final InstantSource clock;
  private final UniqueNames names;
  private final Duration lockPatience;
  private final Duration turnPatience;
  private final LockWaits lockWaits;
  private final ExecutorService disk;
  private final List<Lock> turns = Stream.<Lock>generate(ReentrantLock::new).limit(MBOX_TURNS).toList();

  /** Delivers as {@code settings} say to {@code users}; {@code hostname} stands in the names of Maildir files. */
  public MailboxDelivery(MailboxSettings settings, LocalUsers users, String hostname, InstantSource clock,
      RandomGenerator random) {
    this(settings, users, new UniqueNames(hostname, clock, random), clock, LOCK_PATIENCE,
        Thread.ofPlatform().name("mailbox-", 0).daemon(true).factory());
  }

  MailboxDelivery(MailboxSettings settings, LocalUsers users, UniqueNames names, InstantSource clock,
      Duration lockPatience, ThreadFactory threads) {
    this.settings = settings;
    this.paths = new MailboxPaths(settings, users);
    this.names = names;
    this.clock = clock;
    this.lockPatience = lockPatience;
    this.turnPatience = lockPatience.compareTo(TURN_PATIENCE) < 0 ? lockPatience : TURN_PATIENCE;
    this.lockWaits = new LockWaits(clock);
    this.disk = Executors.newFixedThreadPool(DISK_THREADS, threads);
  }

  /** Opens a lane to the mailboxes; closing it does nothing. */
  public Delivery.Lane open() {
    return new MailboxLane();
  }

  /** Ends the threads, when what they write is written. */
  @Override
  public void close() {
    disk.close();
  }

  private final class MailboxLane implements Delivery.Lane {
    @Override
    public Attempt deliver(DeliveryTask task) {
      return MailboxDelivery.this.deliver(task);
    }

    @Override
    public void close() {}
  }

  private Attempt deliver(DeliveryTask task) {
    return switch (storable(task)) {
      case Converted.AsIs _ -> storeAll(task);
      case Converted.Rewritten(var content) ->
        storeAll(new DeliveryTask(task.message(), task.recipients(), task.destination(), content));
      case Converted.Impossible(var why) -> new Attempt(task.recipients()
          .stream()
          .collect(Collectors.toMap(Function.identity(), _ -> unstorable(why))), SiteState.REACHED);
    };
  }

  /** A mailbox holds lines, so what is more has to be encoded (RFC 3030 §3). */
  private static Converted storable(DeliveryTask task) {
    if (task.message().envelope().body() != BodyType.BINARY_MIME) {
      return new Converted.AsIs();
    }
    try {
      return SevenBitConversion.convert(task.content(), BodyType.BINARY_MIME);
    } catch (IOException _) {
      return new Converted.AsIs(); // whoever stores it finds the same, and says so
    }
  }

  private static Outcome unstorable(String why) {
    return new Outcome.Failed(Diagnostic.ours("5.6.3", "mailboxes hold no binary content: " + why));
  }

  private Attempt storeAll(DeliveryTask task) {
    var outcomes = new HashMap<RecipientNumber, Outcome>();
    var locked = storeAll(task, task.recipients(), outcomes);
    if (!locked.isEmpty()) {
      storeWhenUnlocked(task, locked, outcomes);
    }
    return new Attempt(outcomes, SiteState.REACHED); // one full mailbox must not slow down the others
  }

  private void storeWhenUnlocked(DeliveryTask task, List<RecipientNumber> locked,
      Map<RecipientNumber, Outcome> outcomes) {
    try (var waits = lockWaits.new OfLane()) {
      var left = waits.waitFor(locked, number -> paths.pathOf(address(task, number)));
      for (long pauses = lockPatience.dividedBy(LOCK_PAUSE); pauses > 0 && !left.isEmpty() && pause(); pauses--) {
        left = waits.waitFor(storeAll(task, left, outcomes), number -> paths.pathOf(address(task, number)));
      }
    }
    locked.forEach(number -> outcomes.putIfAbsent(number, LOCKED));
  }

  private static Mailbox address(DeliveryTask task, RecipientNumber number) {
    return task.message().envelope().recipient(number).address();
  }

  /** Adds to {@code outcomes} what became of recipients, and returns those whose mailbox is locked. */
  private List<RecipientNumber> storeAll(DeliveryTask task, List<RecipientNumber> numbers,
      Map<RecipientNumber, Outcome> outcomes) {
    var running = new LinkedHashMap<RecipientNumber, Future<Optional<Outcome>>>();
    numbers.forEach(number -> running.put(number, begin(task, number)));
    var done = new HashMap<RecipientNumber, Optional<Outcome>>();
    boolean interrupted = false;
    for (var entry : running.entrySet()) {
      // What is stored must be reported, or it would be stored again: an interrupt has to wait for the disk.
      while (!done.containsKey(entry.getKey())) {
        try {
          done.put(entry.getKey(), entry.getValue().get());
        } catch (InterruptedException _) {
          interrupted = true;
        } catch (ExecutionException e) {
          log.atError().addKeyValue("id", task.message().id()).setCause(e.getCause()).log("local delivery failed");
          done.put(entry.getKey(), Optional.of(OUR_FAULT));
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    done.forEach((number, outcome) -> outcome.ifPresent(known -> outcomes.put(number, known)));
    return numbers.stream().filter(number -> !outcomes.containsKey(number)).toList();
  }

  /** Where there is no thread for one, what others get must be reported all the same, or they would get it again. */
  private Future<Optional<Outcome>> begin(DeliveryTask task, RecipientNumber number) {
    try {
      return disk.submit(() -> store(task, number));
    } catch (OutOfMemoryError | RejectedExecutionException e) { // the former when the system has no thread left
      return CompletableFuture.failedFuture(e);
    }
  }

  /** Returns what became of the recipient; empty when the mailbox is locked. */
  private Optional<Outcome> store(DeliveryTask task, RecipientNumber number) {
    var recipient = address(task, number);
    var copy = new LocalCopy(task.content(), task.message().envelope().from(), recipient);
    try {
      var path = paths.pathOf(recipient);
      return path.isPresent() ? store(copy, path.get()) : Optional.of(NO_SUCH_USER);
    } catch (IOException | InvalidPathException e) {
      log.atError()
          .addKeyValue("id", task.message().id())
          .addKeyValue("to", Printable.of(recipient.toString()))
          .setCause(e)
          .log("cannot store mail");
      return Optional.of(e instanceof IOException failure ? StorageFailure.outcomeOf(failure) : OUR_FAULT);
    }
  }

  private Optional<Outcome> store(LocalCopy copy, Path path) throws IOException {
    return switch (settings.format()) {
      case MAILDIR -> outcomeOf(new Maildir(path, names).store(copy), "delivered to maildir");
      case MBOX ->
        outcomeOf(new MboxFile(path, clock, turnFor(path), turnPatience).store(copy), "delivered to mailbox");
    };
  }

  private static Optional<Outcome> outcomeOf(MailStore.Result result, String text) {
    return switch (result) {
      case STORED -> Optional.of(new Outcome.Delivered(Diagnostic.ours("2.0.0", text), Handover.MAILBOX));
      case LOCKED -> Optional.empty();
    };
  }

  private Lock turnFor(Path path) {
    return turns.get(Math.floorMod(real(path).hashCode(), turns.size()));
  }

  /** Users may share a file by a link; were it open twice, whoever closes it first would take the other's lock away. */
  private static Path real(Path path) {
    try {
      return path.toRealPath();
    } catch (IOException _) {
      return path; // it is not there yet, or whoever opens it will find out
    }
  }

  /** Waits before a lock is tried again; returns whether the wait was undisturbed. */
  private static boolean pause() {
    try {
      return !new CountDownLatch(1).await(LOCK_PAUSE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
