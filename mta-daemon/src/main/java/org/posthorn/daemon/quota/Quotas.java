package org.posthorn.daemon.quota;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import org.posthorn.smtp.Mailbox;
import org.posthorn.smtp.Printable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts what everybody sends who has limits. It is kept in a directory over restarts, a file for each; a crash forgets the
 * last seconds. Safe for use by many threads; some calls write, for which none of the others waits.
 */
public final class Quotas implements AutoCloseable {
  /** A limit that is reached: how much is allowed, and how much there is with what was asked for. */
  public record Exceeded(Limit limit, int allowed, int used) {
    /** Returns it as a client is told. */
    public String text() {
      return "Sending limit reached: " + allowed + " " + limit.text();
    }
  }

  /** What somebody has sent and has waiting, and when limits were last reached. */
  public record Usage(String who, Map<Limit, Integer> used, Optional<Instant> blockedAt) {}

  /** A message that is counted, and given back when it was not taken before this is closed. Used by one thread. */
  public static final class Charge implements AutoCloseable {
    private final Optional<Exceeded> exceeded;
    private Optional<Runnable> giveBack;

    private Charge(Optional<Exceeded> exceeded, Optional<Runnable> giveBack) {
      this.exceeded = exceeded;
      this.giveBack = giveBack;
    }

    /** Returns that of a message that nobody counts. */
    public static Charge none() {
      return new Charge(Optional.empty(), Optional.empty());
    }

    /** Returns the limit for which the message is too much; then it is not counted. */
    public Optional<Exceeded> exceeded() {
      return exceeded;
    }

    /** The message is taken, and counts for good. */
    public void taken() {
      giveBack = Optional.empty();
    }

    @Override
    public void close() {
      giveBack.ifPresent(Runnable::run);
      giveBack = Optional.empty();
    }
  }

  private static final Logger log = LoggerFactory.getLogger(Quotas.class);
  private static final Duration WRITE_INTERVAL = Duration.ofSeconds(10);
  private static final Duration ALERT_INTERVAL = Duration.ofHours(1);

  private final QuotaFiles files;
  private final InstantSource clock;
  private final ScheduledMail scheduled;
  private final Map<String, Spending> spendings = new TreeMap<>();
  private final Map<String, Instant> written = new LinkedHashMap<>();
  private final Map<Limit, Long> refusals = new EnumMap<>(Limit.class);
  private final ReentrantLock writing = new ReentrantLock(); // taken before the other, if both are

  /** Goes on with what {@code directory} holds, which is made when needed. */
  public Quotas(Path directory, InstantSource clock) {
    this(directory, clock, ScheduledMail.NOTHING);
  }

  /** The same, counting also what waits in the queue until it is to be sent on. */
  public Quotas(Path directory, InstantSource clock, ScheduledMail.Indexed waiting) {
    this.files = new QuotaFiles(directory);
    this.clock = clock;
    this.scheduled = new ScheduledMail(waiting, clock);
    spendings.putAll(files.read());
  }

  /** Says which limit {@code who} would exceed with a further message, or further recipients of it, if any. */
  public synchronized Optional<Exceeded> check(String who, SendingLimits limits, List<Mailbox> recipients) {
    var exceeded = spending(who).check(limits, recipients, clock.instant());
    exceeded.ifPresent(limit -> refused(who, limit));
    return exceeded;
  }

  private synchronized void refused(String who, Exceeded limit) {
    refusals.merge(limit.limit(), 1L, Long::sum);
    alert(who, limit);
  }

  /**
   * Says which limit {@code who} would exceed with a further message that is to be sent on later, of {@code octets} as far as
   * that is known, if any. Waits for the index of the queue.
   */
  public Optional<Exceeded> checkScheduled(String who, SendingLimits limits, long octets) {
    var exceeded = scheduled.check(who, limits, octets);
    exceeded.ifPresent(limit -> refused(who, limit));
    return exceeded;
  }

  /** Keeps room for such a message, which is there now in full; checking and counting cannot be told apart. */
  public ScheduledMail.Room reserve(String who, SendingLimits limits, long octets) {
    var room = scheduled.reserve(who, limits, octets);
    room.exceeded().ifPresent(limit -> refused(who, limit));
    return room;
  }

  /** Returns how often {@code limit} was in somebody's way since the start. */
  public synchronized long refusals(Limit limit) {
    return refusals.getOrDefault(limit, 0L);
  }

  /** Counts a message, or says which limit it exceeds; checking and counting cannot be told apart. May write. */
  public Charge charge(String who, SendingLimits limits, List<Mailbox> recipients) {
    boolean isDue;
    Spending.Entry entry;
    synchronized (this) {
      var exceeded = check(who, limits, recipients);
      if (exceeded.isPresent()) {
        return new Charge(exceeded, Optional.empty());
      }
      entry = spending(who).add(limits, recipients, clock.instant());
      isDue = isDue(who);
    }
    if (isDue) {
      write(who);
    }
    return new Charge(Optional.empty(), Optional.of(() -> giveBack(who, entry)));
  }

  private synchronized void giveBack(String who, Spending.Entry entry) {
    spending(who).takeBack(entry);
  }

  /** Returns what everybody has sent of late, or has waiting. Waits for the index of the queue. */
  public List<Usage> usage() {
    return usage(scheduled.used());
  }

  private synchronized List<Usage> usage(Map<String, Map<Limit, Integer>> waiting) {
    var all = new TreeMap<String, Usage>();
    var now = clock.instant();
    waiting.forEach((who, used) -> all.put(who, new Usage(who, used, Optional.empty())));
    spendings.forEach((who, spending) -> {
      if (!spending.isIdle(now)) {
        var used = spending.used(now);
        used.putAll(waiting.getOrDefault(who, Map.of()));
        all.put(who, new Usage(who, used, spending.lastAlert()));
      }
    });
    return List.copyOf(all.values());
  }

  /** Forgets what {@code who} has sent, so that it can send again; returns whether there was anything. */
  public boolean release(String who) {
    synchronized (this) {
      var spending = spendings.get(who);
      if (spending == null) {
        return false;
      }
      spending.clear();
    }
    write(who);
    log.atInfo().addKeyValue("who", Printable.of(who)).log("sending limits released");
    return true;
  }

  /** Writes what is not written yet. */
  @Override
  public void close() {
    changed().forEach(this::write);
  }

  private synchronized List<String> changed() {
    return spendings.entrySet().stream().filter(entry -> entry.getValue().isChanged()).map(Map.Entry::getKey).toList();
  }

  private Spending spending(String who) {
    return spendings.computeIfAbsent(who, _ -> new Spending());
  }

  private void alert(String who, Exceeded exceeded) {
    var spending = spending(who);
    var now = clock.instant();
    if (spending.lastAlert().filter(last -> last.plus(ALERT_INTERVAL).isAfter(now)).isEmpty()) {
      log.atWarn()
          .addKeyValue("who", Printable.of(who))
          .addKeyValue("limit", exceeded.limit().key())
          .addKeyValue("allowed", exceeded.allowed())
          .addKeyValue("used", exceeded.used())
          .log("sending limit reached");
      spending.alerted(now);
    }
  }

  /** Whether what {@code who} has sent was not written for a while. */
  private boolean isDue(String who) {
    var now = clock.instant();
    boolean isDue = written.getOrDefault(who, Instant.EPOCH).plus(WRITE_INTERVAL).isBefore(now);
    if (isDue) {
      written.put(who, now);
    }
    return isDue;
  }

  /** Not under the lock that event loops wait for. */
  private void write(String who) {
    writing.lock();
    try {
      files.write(who, textToWrite(who));
    } catch (IOException e) {
      log.atError().setCause(e).log("cannot write down what was sent; a restart would forget it");
      noteUnwritten(who);
    } finally {
      writing.unlock();
    }
  }

  private synchronized String textToWrite(String who) {
    var spending = spending(who);
    spending.noteWritten(true);
    return QuotaFiles.text(who, spending);
  }

  private synchronized void noteUnwritten(String who) {
    spending(who).noteWritten(false);
  }
}
