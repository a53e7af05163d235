package org.posthorn.queue;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees to it that what senders want to happen at a certain time happens then (RFC 2852 §4.1.3), wherever a message waits:
 * in memory, in the index, for a destination that is paused or does not answer. What is being tried at that moment is not
 * touched; its outcome counts. What an operator holds back waits until it is released. Used by the
 * scheduler's thread.
 */
final class Deadlines {
  private static final int A_PAGE = 100;
  private static final Duration INDEX_PATIENCE = Duration.ofSeconds(5);
  private static final Duration FAULT_PATIENCE = Duration.ofMinutes(5);
  private static final QueueIndex.Deadline FIRST = new QueueIndex.Deadline(new QueueId("0000000000000000"),
      Instant.EPOCH);
  private static final Logger LOG = LoggerFactory.getLogger(Deadlines.class);

  private final QueueStores stores;
  private final ActiveQueue queue;
  private final Bookkeeper books;
  private final Settlement settlement;
  private final InstantSource clock;
  private final AtomicReference<Instant> next;
  private final AtomicBoolean isPassed = new AtomicBoolean();
  private QueueIndex.Deadline last = FIRST;

  /** {@code next} is when the index has to be looked at; whoever adds something to it makes that earlier. */
  Deadlines(QueueStores stores, ActiveQueue queue, Bookkeeper books, Settlement settlement, InstantSource clock,
      AtomicReference<Instant> next) {
    this.stores = stores;
    this.queue = queue;
    this.books = books;
    this.settlement = settlement;
    this.clock = clock;
    this.next = next;
  }

  /** Returns when the next deadline is over. */
  Instant nextTime() {
    return earlier(next.get(), queue.firstDeadline());
  }

  /** Looks at {@code at} also for what was passed over before, as what is on hold is. Safe for use by many threads. */
  void lookAgain(Instant at) {
    isPassed.set(true); // before the time, which makes the scheduler look
    next.accumulateAndGet(at, Deadlines::earlier);
  }

  /** Does what is to be done for deadlines that are over at {@code now}. */
  void step(Instant now) {
    queue.takeOverdue(now).forEach(this::meet);
    Instant moment = next.get();
    if (!moment.isAfter(now)) {
      next.set(Site.NEVER);
      if (isPassed.getAndSet(false) || moment.isBefore(last.at())) { // the latter when the clock was set back
        last = FIRST;
      }
      try {
        stores.writes().flush(); // what was announced is there to be found
        lookInIndex(now);
      } catch (StoreException e) {
        next.accumulateAndGet(now.plus(INDEX_PATIENCE), Deadlines::earlier);
        throw e;
      }
    }
  }

  private void lookInIndex(Instant now) {
    var page = stores.index().deadlines(last, A_PAGE);
    while (!page.isEmpty()) {
      for (var deadline : page) {
        if (deadline.at().isAfter(now)) {
          next.accumulateAndGet(deadline.at(), Deadlines::earlier);
          return;
        }
        meet(deadline.id());
        last = deadline;
      }
      page = stores.index().deadlines(last, A_PAGE);
    }
  }

  static Instant earlier(Instant one, Instant other) {
    return one.isBefore(other) ? one : other;
  }

  private void meet(QueueId id) {
    var work = queue.seizure().seize(id);
    work.turn.lock();
    try {
      work.ledger(stores.spool()).filter(ledger -> !ledger.entry().isHeld()).ifPresent(ledger -> meet(work, ledger));
    } catch (RuntimeException | Error e) { // a bug too: the others have their times
      LOG.atError().addKeyValue("id", id.value()).setCause(e).log("cannot end what is overdue");
      lookAgain(clock.instant().plus(FAULT_PATIENCE));
    } finally {
      work.turn.unlock();
      queue.seizure().letGo(work);
    }
  }

  private void meet(Work work, Ledger ledger) {
    var life = ledger.lifespan();
    if (life.deadline().filter(by -> !clock.instant().isBefore(by.at())).isEmpty()) {
      return; // the clock was set
    }
    if (life.notifyAt().isPresent()) {
      books.late(work, ledger, lastReplies(work.id));
      return;
    }
    var lastReplies = lastReplies(work.id);
    var verdicts = new HashMap<RecipientNumber, Verdict>();
    queue.seizure()
        .take(work, books.destinations(ledger))
        .forEach(recipient -> verdicts.put(recipient,
            settlement.overdue(life, lastReplies.getOrDefault(recipient, Optional.empty()))));
    books.settle(work, verdicts, Verdict.Ground.OTHER);
  }

  /** Returns what servers said last; nothing when the index fails, for the time that the sender set counts for more. */
  private Map<RecipientNumber, Optional<String>> lastReplies(QueueId id) {
    var replies = new HashMap<RecipientNumber, Optional<String>>();
    try {
      stores.index().find(QueueFilter.of(id), listing -> replies.put(listing.recipient(), listing.lastReply()));
    } catch (StoreException e) {
      LOG.atWarn().addKeyValue("id", id.value()).setCause(e).log("a report does not say what servers said last");
    }
    return replies;
  }
}
