package org.posthorn.queue.spool;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.posthorn.queue.Envelope;
import org.posthorn.queue.MessageContent;
import org.posthorn.queue.QueueId;
import org.posthorn.queue.QueuedMessage;
import org.posthorn.queue.Spool;
import org.posthorn.queue.SpoolDraft;
import org.posthorn.queue.SpoolEntry;
import org.posthorn.queue.SpoolEvent;
import org.posthorn.queue.SpoolException;

/**
 * The spool with a journal in front of it: a small message is on stable storage once it is in the journal, one sync for all
 * that arrive at the same time. Mail that is delivered at once leaves no more behind there than a note that it is done; what
 * stays gets a file of its own a little later, see {@link JournalMover}. All the rest is the {@link FileSpool}'s.
 *
 * <p>{@link #remove} of a message in the journal returns before that is on stable storage: a crash repeats what was
 * delivered in the last few milliseconds, {@link JournalSettings.Timing#linger} and a sync.
 */
public final class JournaledSpool implements Spool {
  private final FileSpool files;
  private final Journal journal;
  private final JournalMover mover;
  private final FileDraft.Small small;
  private volatile boolean isInDoubt;

  private JournaledSpool(FileSpool files, Journal journal) {
    this.files = files;
    this.journal = journal;
    this.mover = new JournalMover(journal, files);
    this.small = new Small();
  }

  /**
   * Opens the journal in {@code directory}, which is created when it is missing; its parent must exist. What it holds is
   * read, and moved to files by and by. Throws {@link SpoolException} when the disk refuses. {@code files} is closed with it; its
   * names must outlast a power cut, see {@link FileSpool#secureNames}: what has a file is taken out of the journal.
   */
  public static JournaledSpool open(Path directory, Disk disk, FileSpool files, JournalSettings settings) {
    try {
      return new JournaledSpool(files, new JournalReplay(disk, directory, files).run(settings));
    } catch (IOException e) {
      throw new SpoolException("cannot open the journal " + directory, e);
    }
  }

  @Override
  public SpoolDraft draft(Envelope envelope, Instant now) {
    return files.draft(envelope, now, small);
  }

  private final class Small implements FileDraft.Small {
    @Override
    public boolean hasRoom(int bytes) {
      return bytes <= journal.settings().largestEntryBytes();
    }

    @Override
    public void store(QueuedMessage message, byte[] entry, int length) throws IOException {
      if (length <= journal.settings().largestEntryBytes()) {
        journal.store(message, entry, length);
      } else { // it has very many recipients
        files.files().store(message.id(), entry, length);
      }
    }
  }

  @Override
  public Optional<SpoolEntry> read(QueueId id) {
    return journal.find(id).flatMap(journal::read).or(() -> files.read(id));
  }

  @Override
  public MessageContent content(QueueId id) {
    var entry = journal.find(id);
    return entry.isPresent() ? new Content(entry.get(), files.content(id)) : files.content(id);
  }

  @Override
  public MessageContent content(QueuedMessage message) {
    var entry = journal.find(message.id());
    return entry.isPresent() ? new Content(entry.get(), files.content(message)) : files.content(message);
  }

  private final class Content implements MessageContent {
    private final JournalEntry entry;
    private final MessageContent moved;

    Content(JournalEntry entry, MessageContent moved) {
      this.entry = entry;
      this.moved = moved;
    }

    @Override
    public long size() {
      return entry.contentBytes;
    }

    @Override
    public InputStream open() throws IOException {
      var bytes = entry.bytes();
      if (bytes.isPresent()) {
        int start = (int) (entry.place.length() - size());
        return new ByteArrayInputStream(bytes.get(), start, (int) size());
      }
      try {
        return new ContentStream(journal.read(entry.place));
      } catch (NoSuchFileException _) { // its segment has gone, so it has a file by now
        return moved.open();
      }
    }
  }

  @Override
  public void record(QueueId id, List<? extends SpoolEvent> events) {
    try {
      var entry = journal.find(id);
      if (entry.isEmpty() || !journal.record(entry.get(), events)) {
        files.record(id, events);
      }
    } catch (SpoolException e) {
      isInDoubt = true;
      throw e;
    }
  }

  /**
   * Whether something can be read of an entry that may be gone after a power cut: {@link #record} has thrown, or {@link #secureEach}
   * could not sync what it showed.
   */
  public boolean isInDoubt() {
    return isInDoubt || files.isInDoubt();
  }

  @Override
  public void remove(QueueId id) {
    var entry = journal.find(id);
    if (entry.isEmpty() || !journal.remove(entry.get())) {
      files.remove(id);
    }
  }

  @Override
  public void retain(QueueId id) {
    journal.find(id).ifPresent(entry -> {
      journal.retain(entry);
      mover.hurryWhenShort();
    });
  }

  @Override
  public void forEachId(Consumer<QueueId> visitor) {
    var journaled = journal.ids();
    journaled.forEach(visitor);
    files.forEachId(id -> {
      if (!journaled.contains(id)) { // it was moved meanwhile
        visitor.accept(id);
      }
    });
  }

  @Override
  public void forEachLength(LengthVisitor visitor) {
    var journaled = journal.ids();
    journaled.forEach(id -> visitor.visit(id, length(id)));
    files.forEachLength((id, bytes) -> {
      if (!journaled.contains(id)) {
        visitor.visit(id, bytes);
      }
    });
  }

  /** That of its file, also before it has one. */
  @Override
  public long length(QueueId id) {
    return journal.find(id).map(JournalEntry::length).orElseGet(() -> files.length(id));
  }

  @Override
  public void readEach(Predicate<QueueId> wanted, Consumer<Found> visitor) {
    files.readEach(readJournal(wanted, visitor), visitor);
  }

  /** The journal was synced when it was opened. */
  @Override
  public void secureEach(Predicate<QueueId> wanted, Consumer<Found> visitor) {
    files.secureEach(readJournal(wanted, visitor), visitor);
  }

  /** Shows what is wanted of the journal, and returns what is wanted of the files. */
  private Predicate<QueueId> readJournal(Predicate<QueueId> wanted, Consumer<Found> visitor) {
    var journaled = journal.ids();
    journaled.stream().filter(wanted).map(this::find).forEach(visitor);
    return id -> wanted.test(id) && !journaled.contains(id);
  }

  /** Looks through the journal now for messages that stay. */
  void round() {
    mover.round();
  }

  /** Returns how full the journal is. */
  public JournalFill fill() {
    return journal.fill();
  }

  /** Gives everything in the journal a file, as far as the disk lets it, and closes the files too. */
  @Override
  public void close() {
    mover.close();
    journal.close();
    files.close();
  }
}
