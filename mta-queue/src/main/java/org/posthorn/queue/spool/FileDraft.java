package org.posthorn.queue.spool;

import java.io.IOException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.zip.CRC32C;
import org.posthorn.queue.Envelope;
import org.posthorn.queue.QueueId;
import org.posthorn.queue.QueuedMessage;
import org.posthorn.queue.SpoolDraft;
import org.posthorn.queue.SpoolException;
import org.posthorn.queue.spool.Disk.WritableFile;

/**
 * A spool entry that is being written. A small one stays in memory until it is committed; of a larger one a temporary file
 * holds what memory does not, and becomes the entry.
 */
final class FileDraft implements SpoolDraft {
  private static final int FIRST_BYTES = 8 * 1024;

  /** Where entries go that are in memory as a whole. */
  interface Small {
    /** How large they may be: whether one may take {@code bytes} octets of memory. */
    boolean hasRoom(int bytes);

    /** Puts the entry of {@code message}, the first {@code length} octets, on stable storage. It is ours from here on. */
    void store(QueuedMessage message, byte[] entry, int length) throws IOException;
  }

  private final EntryFiles files;
  private final Small small;
  private final QueueId id;
  private final Instant queuedAt;
  private final Envelope envelope;

  private final int envelopeBytes;
  private final long envelopeCrc;
  private final CRC32C contentCrc = new CRC32C();
  private byte[] buffer;
  private int buffered;
  /** Octets of memory that were taken out of the budget. */
  private long counted;
  /** Octets of the entry that are in the temporary file, and so where {@code buffer} goes. */
  private long written;
  private Optional<WritableFile> file = Optional.empty();
  private boolean ended;

  FileDraft(EntryFiles files, Small small, QueueId id, Instant queuedAt, Envelope envelope) {
    this.files = files;
    this.small = small;
    this.id = id;
    this.queuedAt = queuedAt;
    this.envelope = envelope;
    byte[] json = EnvelopeJson.encode(id, queuedAt, envelope);
    if (json.length > EntryHeader.MAX_ENVELOPE_BYTES) {
      throw new SpoolException("an envelope of %d octets".formatted(json.length));
    }
    this.envelopeBytes = json.length;
    this.envelopeCrc = Fields.crc(json, 0, json.length);
    this.buffered = EntryHeader.BYTES + json.length;
    this.buffer = new byte[Math.max(FIRST_BYTES, buffered)];
    System.arraycopy(json, 0, buffer, EntryHeader.BYTES, json.length);
  }

  @Override
  public QueueId id() {
    return id;
  }

  @Override
  public long size() {
    return written + buffered - EntryHeader.BYTES - envelopeBytes;
  }

  @Override
  public void write(byte[] bytes, int offset, int length) {
    requireOpen();
    contentCrc.update(bytes, offset, length);
    if (length <= buffer.length - buffered || makeRoom(length)) {
      System.arraycopy(bytes, offset, buffer, buffered, length);
      buffered += length;
    } else {
      onDisk(() -> {
        spill();
        file.orElseThrow().write(bytes, offset, length, written);
        written += length;
      });
    }
  }

  /** Returns whether memory has room for all of it. */
  private boolean makeRoom(int wanted) {
    long larger = Math.max(2L * buffer.length, (long) buffered + wanted);
    boolean hasRoom = file.isEmpty() && larger <= Integer.MAX_VALUE && small.hasRoom((int) larger) && count(larger);
    if (hasRoom) {
      buffer = Arrays.copyOf(buffer, (int) larger);
    }
    return hasRoom;
  }

  private boolean count(long larger) {
    long more = larger - buffer.length;
    boolean taken = files.memory().tryTake(more);
    counted += taken ? more : 0;
    return taken;
  }

  private void spill() throws IOException {
    if (file.isEmpty()) {
      file = Optional.of(files.create(id));
    }
    if (buffered > 0) {
      file.get().write(buffer, 0, buffered, written);
      written += buffered;
      buffered = 0;
    }
  }

  @Override
  public QueuedMessage commit() {
    requireOpen();
    var message = new QueuedMessage(id, queuedAt, envelope, size());
    var header = new EntryHeader(envelopeBytes, size(), envelopeCrc, contentCrc.getValue());
    if (file.isEmpty()) {
      header.putInto(buffer);
      storeSmall(message);
    } else {
      onDisk(() -> store(header));
    }
    end();
    return message;
  }

  private void storeSmall(QueuedMessage message) {
    try {
      small.store(message, buffer, buffered);
    } catch (IOException | RejectedExecutionException e) {
      end();
      throw new SpoolException("cannot store " + id, e);
    }
  }

  private void store(EntryHeader header) throws IOException {
    spill();
    header.putInto(buffer);
    file.get().write(buffer, 0, EntryHeader.BYTES, 0);
    files.commit(id, file.get());
  }

  /** Runs a step on a disk thread. When it fails the draft is over: what a failed sync left cannot be trusted. */
  private void onDisk(EntryFiles.Step step) {
    try {
      files.onDisk(id, () -> {
        try {
          step.run();
        } catch (IOException | RuntimeException | Error e) {
          discard(e);
          throw e;
        }
      });
    } catch (IOException | RejectedExecutionException e) {
      end();
      throw new SpoolException("cannot store " + id, e);
    }
  }

  private void requireOpen() {
    if (ended) {
      throw new SpoolException("the draft " + id + " is over");
    }
  }

  @Override
  public void close() {
    if (!ended) {
      end();
      if (file.isPresent()) {
        abandon();
      }
    }
  }

  private void abandon() {
    try {
      files.onDisk(id, () -> {
        file.get().close();
        files.disk().delete(files.layout().temporary(id));
      });
    } catch (IOException | RejectedExecutionException _) {
      // The next start sweeps it away; nobody was told that we have the message.
    }
  }

  private void end() {
    ended = true;
    files.memory().giveBack(counted);
    counted = 0;
  }

  private void discard(Throwable reason) {
    try {
      if (file.isPresent()) {
        file.get().close();
      }
    } catch (IOException e) {
      reason.addSuppressed(e);
    }
    files.discard(id, reason);
  }
}
