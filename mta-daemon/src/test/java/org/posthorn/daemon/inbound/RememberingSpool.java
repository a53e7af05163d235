package org.posthorn.daemon.inbound;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.posthorn.queue.Envelope;
import org.posthorn.queue.MessageContent;
import org.posthorn.queue.QueueId;
import org.posthorn.queue.QueuedMessage;
import org.posthorn.queue.Spool;
import org.posthorn.queue.SpoolDraft;
import org.posthorn.queue.SpoolEntry;
import org.posthorn.queue.SpoolEvent;
import org.posthorn.queue.SpoolException;

/** A spool in memory that counts its drafts, and refuses when told to. */
public final class RememberingSpool implements Spool {
  /** A committed message with its content. */
  public record Stored(QueuedMessage message, byte[] octets) {
    /** Returns the content, octet by octet. */
    public String text() {
      return new String(octets, StandardCharsets.ISO_8859_1);
    }
  }

  private final Map<QueueId, Stored> stored = new ConcurrentSkipListMap<>();
  private final AtomicInteger made = new AtomicInteger();
  private final AtomicInteger open = new AtomicInteger();
  private volatile boolean full;
  private volatile boolean broken;

  /** Makes every write fail, or no more. */
  public void setFull(boolean isFull) {
    full = isFull;
  }

  /** Makes every write end in an error that is no exception. */
  public void breakDown() {
    broken = true;
  }

  /** Returns what was committed, oldest first. */
  public List<Stored> messages() {
    return List.copyOf(stored.values());
  }

  /** Returns the only message. */
  public Stored message() {
    if (stored.size() != 1) {
      throw new AssertionError(stored.size() + " messages");
    }
    return messages().getFirst();
  }

  /** Returns how many drafts were neither committed nor closed. */
  public int openDrafts() {
    return open.get();
  }

  @Override
  public SpoolDraft draft(Envelope envelope, Instant now) {
    requireRoom();
    open.incrementAndGet();
    return new Draft(new QueueId("%016d".formatted(made.incrementAndGet())), envelope, now);
  }

  @Override
  public Optional<SpoolEntry> read(QueueId id) {
    return Optional.ofNullable(stored.get(id)).map(found -> new SpoolEntry(found.message(), List.of()));
  }

  @Override
  public MessageContent content(QueueId id) {
    byte[] octets = Optional.ofNullable(stored.get(id)).orElseThrow().octets();
    return new MessageContent() {
      @Override
      public long size() {
        return octets.length;
      }

      @Override
      public InputStream open() {
        return new ByteArrayInputStream(octets);
      }
    };
  }

  @Override
  public void record(QueueId id, List<? extends SpoolEvent> events) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void remove(QueueId id) {
    stored.remove(id);
  }

  @Override
  public void forEachId(Consumer<QueueId> visitor) {
    stored.keySet().forEach(visitor);
  }

  @Override
  public void close() {
    // nothing is open
  }

  private void requireRoom() {
    if (broken) {
      throw new LinkageError("as the test wants it");
    }
    if (full) {
      throw new SpoolException("no space left");
    }
  }

  private final class Draft implements SpoolDraft {
    private final QueueId id;
    private final Envelope envelope;
    private final Instant now;
    private final ByteArrayOutputStream content = new ByteArrayOutputStream();
    private boolean closed;

    Draft(QueueId id, Envelope envelope, Instant now) {
      this.id = id;
      this.envelope = envelope;
      this.now = now;
    }

    @Override
    public QueueId id() {
      return id;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
      requireRoom();
      content.write(bytes, offset, length);
    }

    @Override
    public long size() {
      return content.size();
    }

    @Override
    public QueuedMessage commit() {
      requireRoom();
      var message = new QueuedMessage(id, now, envelope, content.size());
      stored.put(id, new Stored(message, content.toByteArray()));
      return message;
    }

    @Override
    public void close() {
      if (!closed) {
        closed = true;
        open.decrementAndGet();
      }
    }
  }
}
