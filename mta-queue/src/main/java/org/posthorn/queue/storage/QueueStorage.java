package org.posthorn.queue.storage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import org.posthorn.queue.Destination;
import org.posthorn.queue.IndexWriter;
import org.posthorn.queue.Pauses;
import org.posthorn.queue.QueueIdSource;
import org.posthorn.queue.QueueStores;
import org.posthorn.queue.Reconciliation;
import org.posthorn.queue.Reconciliation.LastEnd;
import org.posthorn.queue.Reconciliation.Summary;
import org.posthorn.queue.Spool;
import org.posthorn.queue.SpoolException;
import org.posthorn.queue.StoreException;
import org.posthorn.queue.h2.H2QueueIndex;
import org.posthorn.queue.spool.Disk;
import org.posthorn.queue.spool.FileSpool;
import org.posthorn.queue.spool.JournalFill;
import org.posthorn.queue.spool.JournaledSpool;
import org.posthorn.queue.spool.SpoolSettings;
import org.posthorn.smtp.Mailbox;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Spool and index in one data directory: {@code journal/}, {@code spool/}, {@code index.mv.db}, {@code pauses},
 * {@code boot}, and {@code clean} after a clean end. One thread opens, reconciles and closes it; in between the stores are safe for use by many threads.
 */
public final class QueueStorage implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(QueueStorage.class);

  private final Path directory;
  private final CleanEnd cleanEnd;
  private final BootMark bootMark;
  private final JournaledSpool spool;
  private final LastEnd lastEnd;
  private H2QueueIndex index;
  private Optional<IndexWriter> writer = Optional.empty();

  private QueueStorage(Path directory, Disk disk, JournaledSpool spool, LastEnd lastEnd, H2QueueIndex index) {
    this.directory = directory;
    this.cleanEnd = new CleanEnd(disk, directory);
    this.bootMark = new BootMark(disk, directory);
    this.spool = spool;
    this.lastEnd = lastEnd;
    this.index = index;
  }

  /**
   * Opens the data directory, which must exist. Throws {@link SpoolException} or {@link StoreException} when the disk
   * refuses or another process has it open.
   */
  public static QueueStorage open(Path directory, Disk disk, SpoolSettings settings, QueueIdSource ids) {
    var files = FileSpool.open(directory.resolve("spool"), disk, settings, ids);
    LastEnd lastEnd;
    JournaledSpool spool;
    try {
      lastEnd = lastEnd(directory, disk, files);
      switch (lastEnd) {
        case NONE, CLEAN -> {
        }
        case UNCLEAN, POWER_LOST -> files.secureNames();
      }
      spool = JournaledSpool.open(directory.resolve("journal"), disk, files, settings.journal());
    } catch (IOException e) {
      files.close();
      throw new SpoolException("cannot open " + directory, e);
    } catch (RuntimeException e) {
      files.close();
      throw e;
    }
    try {
      return new QueueStorage(directory, disk, spool, lastEnd, H2QueueIndex.open(directory));
    } catch (RuntimeException e) {
      spool.close();
      throw e;
    }
  }

  private static LastEnd lastEnd(Path directory, Disk disk, FileSpool files) throws IOException {
    if (new CleanEnd(disk, directory).take()) {
      return LastEnd.CLEAN;
    }
    if (files.isNew() && Files.notExists(directory.resolve("index.mv.db"))) {
      return LastEnd.NONE;
    }
    return new BootMark(disk, directory).isOfNow() ? LastEnd.UNCLEAN : LastEnd.POWER_LOST;
  }

  /** Returns the spool, for those who only add to it. */
  public Spool spool() {
    return spool;
  }

  /** Returns how the process that had the data directory before came to its end. */
  public LastEnd lastEnd() {
    return lastEnd;
  }

  /** Returns how full the intake journal is. */
  public JournalFill journalFill() {
    return spool.fill();
  }

  /**
   * Makes the index agree with the spool, and returns the stores for the queue. An index that cannot be read is put aside
   * and made anew.
   */
  public QueueStores reconcile(Function<Mailbox, Destination> routes, InstantSource clock) {
    Summary summary;
    try {
      summary = reconcileOnce(routes, clock);
    } catch (StoreException e) {
      if (e.getCause() instanceof RejectedExecutionException) { // the system has no thread for it, which is not its fault
        throw e;
      }
      log.atError().setCause(e).log("the index cannot be used and is made anew from the spool");
      index.close();
      index = H2QueueIndex.replace(directory);
      summary = reconcileOnce(routes, clock);
    }
    log.atInfo()
        .addKeyValue("entries", summary.entries())
        .addKeyValue("added", summary.added())
        .addKeyValue("dropped", summary.dropped())
        .addKeyValue("corrected", summary.corrected())
        .addKeyValue("completed", summary.completed())
        .addKeyValue("unreadable", summary.unreadable())
        .addKeyValue("last-end", lastEnd)
        .addKeyValue("ms", summary.took().toMillis())
        .log("queue reconciled");
    markBoot();
    var opened = new IndexWriter(index);
    writer = Optional.of(opened);
    return new QueueStores(spool, index, opened, Pauses.at(directory.resolve("pauses")));
  }

  private Summary reconcileOnce(Function<Mailbox, Destination> routes, InstantSource clock) {
    var summary = new Reconciliation(spool, index, routes, clock).run(lastEnd);
    index.emptyBecause()
        .ifPresent(why -> log.atLevel(summary.entries() == 0 ? Level.INFO : Level.WARN)
            .addKeyValue("reason", why)
            .log("index made from the spool"));
    return summary;
  }

  private void markBoot() {
    try {
      bootMark.put();
    } catch (IOException e) {
      log.atWarn().setCause(e).log("after a crash the next start will look closer than it must");
    }
  }

  /**
   * Writes what is left and closes everything; the end is clean when the index could be written, and agrees with what is
   * safe in the spool.
   */
  @Override
  public void close() {
    // What the disk refused to sync is read as if it was there until the machine ends, and may be known to the index.
    boolean isClean = writer.isPresent() && closeWriter(writer.get()) && !spool.isInDoubt();
    index.close();
    try {
      if (isClean) {
        cleanEnd.put();
      }
    } catch (IOException e) {
      log.atWarn().setCause(e).log("the next start has to look closer");
    } finally {
      spool.close();
    }
  }

  private static boolean closeWriter(IndexWriter writer) {
    try {
      writer.close();
      return true;
    } catch (StoreException e) {
      log.atError().setCause(e).log("cannot write the index; the next start looks closer");
      return false;
    }
  }
}
