package org.posthorn.queue;

import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The queue as the daemon runs it: takes messages that are in the spool, and gets them delivered, returned or removed.
 * Safe for use by many threads.
 *
 * <p>The spool and the index must agree when it starts: reconcile them before. The stores are not closed with it.
 */
public final class Queue {
  /** Changes that wait for the index, in memory, while further mail may come. */
  private static final long MAX_BACKLOG = 100_000;
  /** From so many on who brings mail is slowed down to the pace of the index. */
  private static final long LARGE_BACKLOG = MAX_BACKLOG / 4;
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Logger LOG = LoggerFactory.getLogger(Queue.class);

  private final IndexWrites writes;
  private final Scheduler scheduler;
  private final ExecutorService lanes = Executors
      .newThreadPerTaskExecutor(Thread.ofPlatform()
          .daemon()
          .name("lane-", 0)
          .uncaughtExceptionHandler((_, e) -> LOG.atError().setCause(e).log("a lane ended by an error"))
          .factory());
  private final Thread loop;
  private final Settlement settlement;
  private final QueueControl control;

  /**
   * Puts a queue together; nothing runs yet.
   *
   * @param settings asked for at each use, so a change applies at once, to mail already queued too
   * @param random for the jitter of retries; must be safe for use by many threads
   */
  public Queue(QueueStores stores, Delivery delivery, Reports reports, Supplier<QueueSettings> settings,
      InstantSource clock, RandomGenerator random) {
    writes = stores.writes();
    var totals = new Totals();
    settlement = new Settlement(stores.spool(), reports, settings, clock, random);
    scheduler = new Scheduler(stores, delivery, settlement, settings, clock, lanes, totals);
    control = new QueueControl(stores, scheduler, settings, totals, clock);
    loop = Thread.ofPlatform().name("scheduler").daemon().unstarted(scheduler::run);
  }

  /** Loads what waits, and begins to deliver. Throws {@link StoreException} when the index cannot be read. */
  public void start() {
    scheduler.pause();
    scheduler.load();
    loop.start();
  }

  /** Whether the index fails or is slow, and so much waits for it that no further mail should be taken; answers at once. */
  public boolean isBehind() {
    return writes.backlog() > MAX_BACKLOG;
  }

  /**
   * Waits for the index while much waits for it, at most 10 s: whoever brought the mail that makes it so brings the next one later.
   * An index that fails is not waited for.
   */
  public void awaitIndex() {
    writes.awaitBacklog(LARGE_BACKLOG, PATIENCE);
  }

  /** Schedules a message that is in the spool; returns at once and never throws. */
  public void submit(QueuedMessage message) {
    scheduler.submit(message);
  }

  /**
   * Tells the sender, who asked for it by NOTIFY=SUCCESS, that aliases replaced {@code expanded} by several addresses each
   * (RFC 3461 §5.2.7.3). Blocks for the disk and never throws: the message itself goes on.
   */
  public void reportExpanded(QueuedMessage message, List<Recipient> expanded) {
    if (message.envelope().from().isNull()) {
      return; // who sends a DSN gets none, whatever it asks for (RFC 5321 §4.5.5)
    }
    try {
      submit(settlement.reportExpanded(message, expanded));
    } catch (RuntimeException e) { // a bug in a DSN too: the message is ours already, and its client must hear so
      LOG.atError().addKeyValue("id", message.id().value()).setCause(e).log("cannot report that an alias was expanded");
    }
  }

  /** Returns what the operator sees and does. */
  public QueueControl control() {
    return control;
  }

  /** Sends all that waits by the routes that {@link Delivery#destinationOf} knows now. Blocks for the index. */
  public void reroute() {
    scheduler.reroute();
  }

  /**
   * Begins no further attempt, lets those that run finish for at most {@code bound}, and interrupts the rest, which are
   * tried again after the next start. Returns when all that became of messages is written, as far as the disk allows.
   */
  public void close(Duration bound) {
    scheduler.close(bound);
    lanes.shutdown();
  }
}
