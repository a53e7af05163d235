package org.posthorn.queue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** A spool that forgets everything with the process. Fails when told so. Safe for use by many threads. */
public final class InMemorySpool implements Spool {
  /** What can be made to fail. */
  public enum Operation {
    /** {@link Spool#draft}. */
    DRAFT,
    /** {@link SpoolDraft#write}. */
    WRITE,
    /** {@link SpoolDraft#commit}. */
    COMMIT,
    /** {@link Spool#read}. */
    READ,
    /** {@link Spool#content}. */
    CONTENT,
    /** {@link Spool#record}. */
    RECORD,
    /** {@link Spool#remove}. */
    REMOVE
  }

  /** A committed message with its content. */
  public record Stored(SpoolEntry entry, byte[] octets) {
    /** Returns the message as it was committed. */
    public QueuedMessage message() {
      return entry.message();
    }

    /** Returns the content, octet by octet. */
    public String text() {
      return new String(octets, StandardCharsets.ISO_8859_1);
    }
  }

  private final Map<QueueId, Stored> entries = new ConcurrentSkipListMap<>();
  private final AtomicLong lastId = new AtomicLong();
  private final AtomicLong reads = new AtomicLong();
  private final AtomicInteger open = new AtomicInteger();
  private volatile Predicate<Operation> fails = _ -> false;
  private final Set<QueueId> damaged = ConcurrentHashMap.newKeySet();

  /** Asks {@code fails} at each operation from now on whether to throw {@link SpoolException} instead. */
  public void failWhen(Predicate<Operation> fails) {
    this.fails = fails;
  }

  /** Can read {@code id} no more from now on. */
  public void damage(QueueId id) {
    damaged.add(id);
  }

  /** Returns how often an entry was read. */
  public long reads() {
    return reads.get();
  }

  /** Puts a message in. */
  public QueuedMessage put(Envelope envelope, Instant now, byte[] content) {
    try (var draft = draft(envelope, now)) {
      draft.write(content, 0, content.length);
      return draft.commit();
    }
  }

  /** Returns what was committed and not removed, oldest first. */
  public List<Stored> messages() {
    return List.copyOf(entries.values());
  }

  /** Returns the only message. */
  public Stored message() {
    if (entries.size() != 1) {
      throw new AssertionError(entries.size() + " messages");
    }
    return messages().getFirst();
  }

  /** Returns how many drafts were not closed. */
  public int openDrafts() {
    return open.get();
  }

  /** Returns the ids of all messages, in order. */
  public List<QueueId> ids() {
    return List.copyOf(entries.keySet());
  }

  @Override
  public SpoolDraft draft(Envelope envelope, Instant now) {
    check(Operation.DRAFT);
    open.incrementAndGet();
    var id = new QueueId(String.format(Locale.ROOT, "%016d", lastId.incrementAndGet()));
    return new Draft(id, envelope, now);
  }

  @Override
  public Optional<SpoolEntry> read(QueueId id) {
    reads.incrementAndGet();
    check(Operation.READ);
    if (damaged.contains(id)) {
      throw new SpoolException(id + " is damaged");
    }
    return Optional.ofNullable(entries.get(id)).map(Stored::entry);
  }

  @Override
  public MessageContent content(QueueId id) {
    check(Operation.CONTENT);
    return new MessageContent() {
      @Override
      public long size() {
        return Optional.ofNullable(entries.get(id)).map(stored -> (long) stored.octets().length).orElse(0L);
      }

      @Override
      public InputStream open() throws IOException {
        var stored = entries.get(id);
        if (stored == null) {
          throw new IOException("removed: " + id);
        }
        return new ByteArrayInputStream(stored.octets());
      }
    };
  }

  @Override
  public void record(QueueId id, List<? extends SpoolEvent> events) {
    check(Operation.RECORD);
    entries.computeIfPresent(id, (_, stored) -> {
      var all = new ArrayList<>(stored.entry().events());
      all.addAll(events);
      return new Stored(new SpoolEntry(stored.entry().message(), all), stored.octets());
    });
  }

  @Override
  public void remove(QueueId id) {
    check(Operation.REMOVE);
    entries.remove(id);
  }

  @Override
  public void forEachId(Consumer<QueueId> visitor) {
    entries.keySet().forEach(visitor);
  }

  /** As if each event took ten octets. */
  @Override
  public long length(QueueId id) {
    return Optional.ofNullable(entries.get(id))
        .map(stored -> stored.octets().length + 1 + 10L * stored.entry().events().size())
        .orElse(0L);
  }

  @Override
  public void close() {
    // nothing is held
  }

  private void check(Operation operation) {
    if (fails.test(operation)) {
      throw new SpoolException(operation + " fails as told");
    }
  }

  private final class Draft implements SpoolDraft {
    private final QueueId id;
    private final Envelope envelope;
    private final Instant now;
    private final ByteArrayOutputStream content = new ByteArrayOutputStream();
    private boolean isClosed;

    private Draft(QueueId id, Envelope envelope, Instant now) {
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
      check(Operation.WRITE);
      content.write(bytes, offset, length);
    }

    @Override
    public long size() {
      return content.size();
    }

    @Override
    public QueuedMessage commit() {
      check(Operation.COMMIT);
      var message = new QueuedMessage(id, now, envelope, content.size());
      entries.put(id, new Stored(new SpoolEntry(message, List.of()), content.toByteArray()));
      return message;
    }

    @Override
    public void close() {
      if (!isClosed) {
        isClosed = true;
        open.decrementAndGet();
      }
    }
  }
}
