package org.posthorn.queue.spool;

import java.io.IOException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.zip.CRC32C;
import org.posthorn.queue.Envelope;
import org.posthorn.queue.PlatformThreads;
import org.posthorn.queue.QueueId;
import org.posthorn.queue.QueuedMessage;
import org.posthorn.queue.SpoolDraft;
import org.posthorn.queue.SpoolException;
import org.posthorn.queue.spool.Disk.WritableFile;

/**
 * A spool entry that is being written. A small one stays in memory until it is committed and goes to disk in one write;
 * of a larger one a temporary file holds what memory does not.
 */
final class FileDraft implements SpoolDraft {
  /** What one draft may hold in memory, in octets, apart from its envelope. */
  static final int MEMORY_BYTES = 64 * 1024;
  private static final int FIRST_BYTES = 8 * 1024;

  private final SpoolLayout layout;
  private final Disk disk;
  private final PlatformThreads threads;
  private final QueueId id;
  private final Instant queuedAt;
  private final Envelope envelope;

  private final int envelopeBytes;
  private final long envelopeCrc;
  private final CRC32C contentCrc = new CRC32C();
  private byte[] buffer;
  private int buffered;
  /** Octets of the entry that are in the temporary file, and so where {@code buffer} goes. */
  private long written;
  private Optional<WritableFile> file = Optional.empty();
  private boolean ended;

  FileDraft(SpoolLayout layout, Disk disk, PlatformThreads threads, QueueId id, Instant queuedAt, Envelope envelope) {
    this.layout = layout;
    this.disk = disk;
    this.threads = threads;
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
    int from = offset;
    int left = length;
    while (left > 0) {
      if (buffered == buffer.length) {
        makeRoom(left);
      }
      int count = Math.min(left, buffer.length - buffered);
      System.arraycopy(bytes, from, buffer, buffered, count);
      buffered += count;
      from += count;
      left -= count;
    }
  }

  private void makeRoom(int wanted) {
    if (buffer.length < MEMORY_BYTES) {
      long larger = Math.max(2L * buffer.length, (long) buffered + wanted);
      buffer = Arrays.copyOf(buffer, (int) Math.min(larger, MEMORY_BYTES));
    } else {
      onDisk(() -> spill());
    }
  }

  private void spill() throws IOException {
    if (file.isEmpty()) {
      file = Optional.of(disk.create(layout.temporary(id)));
    }
    file.get().write(buffer, 0, buffered, written);
    written += buffered;
    buffered = 0;
  }

  @Override
  public QueuedMessage commit() {
    requireOpen();
    long size = size();
    var header = new EntryHeader(envelopeBytes, size, envelopeCrc, contentCrc.getValue());
    onDisk(() -> store(header));
    ended = true;
    return new QueuedMessage(id, queuedAt, envelope, size);
  }

  private void store(EntryHeader header) throws IOException {
    if (file.isEmpty()) {
      header.putInto(buffer);
      spill();
    } else {
      spill();
      header.putInto(buffer);
      file.get().write(buffer, 0, EntryHeader.BYTES, 0);
    }
    file.get().sync();
    file.get().close();
    disk.rename(layout.temporary(id), layout.entry(id));
    layout.syncDirectoryOf(id);
  }

  /** Runs a step on a disk thread. When it fails the draft is over: what a failed sync left cannot be trusted. */
  private void onDisk(DiskStep step) {
    try {
      threads.call(() -> {
        try {
          step.run();
        } catch (IOException | RuntimeException | Error e) {
          discard(e);
          throw e;
        }
        return id;
      });
    } catch (IOException | RejectedExecutionException e) {
      ended = true;
      throw new SpoolException("cannot store " + id, e);
    }
  }

  private interface DiskStep {
    void run() throws IOException;
  }

  private void requireOpen() {
    if (ended) {
      throw new SpoolException("the draft " + id + " is over");
    }
  }

  @Override
  public void close() {
    if (!ended) {
      ended = true;
      if (file.isPresent()) {
        abandon();
      }
    }
  }

  private void abandon() {
    try {
      threads.call(() -> {
        file.get().close();
        return disk.delete(layout.temporary(id));
      });
    } catch (IOException | RejectedExecutionException _) {
      // The next start sweeps it away; nobody was told that we have the message.
    }
  }

  private void discard(Throwable reason) {
    ended = true;
    try {
      if (file.isPresent()) {
        file.get().close();
      }
    } catch (IOException e) {
      reason.addSuppressed(e);
    }
    try {
      disk.delete(layout.temporary(id));
      disk.delete(layout.entry(id)); // it has this name already when it was the directory that could not be synced
    } catch (IOException e) {
      reason.addSuppressed(e);
    }
  }
}
