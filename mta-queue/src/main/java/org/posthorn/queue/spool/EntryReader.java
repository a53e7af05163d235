package org.posthorn.queue.spool;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import org.posthorn.queue.QueueId;
import org.posthorn.queue.QueuedMessage;
import org.posthorn.queue.SpoolEntry;
import org.posthorn.queue.SpoolEvent;
import org.posthorn.queue.spool.Disk.ReadableFile;

/** Reads spool entries, see {@link EntryHeader}. What is not as it was written is a {@link DamagedEntryException}. */
final class EntryReader {
  /** Enough for the header and envelope of nearly every message, so that one read gets both. */
  private static final int FIRST_READ_BYTES = 8 * 1024;
  private static final int MAX_EVENTS_BYTES = 64 * 1024 * 1024;
  private static final byte[] NOTHING = {};

  /**
   * An entry and how good its event records are.
   *
   * @param skipped octets between good event records that were none
   * @param torn octets at the end that are no event record
   * @param length octets of all of it
   */
  record Read(SpoolEntry entry, int skipped, int torn, long length) {}

  private EntryReader() {}

  /** Reads the entry {@code id}, all but its content. */
  static Read read(QueueId id, ReadableFile file) throws IOException {
    byte[] first = new byte[FIRST_READ_BYTES];
    int length = fill(file, first, 0, 0);
    var header = EntryHeader.parse(first, length);
    long size = file.size();
    if (size < header.eventsStart()) {
      throw new DamagedEntryException(
          "%d octets where %d should be".formatted(size, header.eventsStart()));
    }
    var stored = envelope(id, file, header, first, length);
    var events = EventRecords.parse(id, events(file, header, size));
    var message = new QueuedMessage(id, stored.queuedAt(), stored.envelope(), header.contentBytes());
    int recipients = message.envelope().recipients().size();
    if (!events.events().stream().allMatch(event -> isAbout(event, recipients))) {
      throw new DamagedEntryException("an event of a recipient that is not there");
    }
    return new Read(new SpoolEntry(message, events.events()), events.skipped(), events.torn(), size);
  }

  /** Reads the header alone. */
  static EntryHeader header(ReadableFile file) throws IOException {
    byte[] bytes = new byte[EntryHeader.BYTES];
    return EntryHeader.parse(bytes, fill(file, bytes, 0, 0));
  }

  /** Reads an entry without events, content and all, and throws {@link DamagedEntryException} unless it is as written. */
  static void verify(ReadableFile file) throws IOException {
    var header = header(file);
    if (file.size() != header.eventsStart()) {
      throw new DamagedEntryException("%d octets where %d should be".formatted(file.size(), header.eventsStart()));
    }
    var envelope = new byte[header.envelopeBytes()];
    if (fill(file, envelope, 0, EntryHeader.BYTES) < envelope.length
        || Fields.crc(envelope, 0, envelope.length) != header.envelopeCrc()) {
      throw new DamagedEntryException("wrong checksum of the envelope");
    }
    var _ = new ContentStream(file).transferTo(OutputStream.nullOutputStream());
  }

  private static EnvelopeJson.Stored envelope(QueueId id, ReadableFile file, EntryHeader header, byte[] first,
      int firstLength) throws IOException {
    byte[] bytes = first;
    if (firstLength < header.contentStart()) { // the size of the file was checked, so this much is there
      bytes = Arrays.copyOf(first, (int) header.contentStart());
      if (firstLength + fill(file, bytes, firstLength, firstLength) < bytes.length) {
        throw new DamagedEntryException("ends within the envelope");
      }
    }
    if (Fields.crc(bytes, EntryHeader.BYTES, header.envelopeBytes()) != header.envelopeCrc()) {
      throw new DamagedEntryException("wrong checksum of the envelope");
    }
    var stored = EnvelopeJson.decode(bytes, EntryHeader.BYTES, header.envelopeBytes());
    if (!stored.id().equals(id)) {
      throw new DamagedEntryException("the entry of " + stored.id());
    }
    return stored;
  }

  private static boolean isAbout(SpoolEvent event, int recipients) {
    return switch (event) {
      case SpoolEvent.Finished(var recipient, _, _, _) -> recipient.value() < recipients;
      case SpoolEvent.DelayReported(var recipient, _) -> recipient.value() < recipients;
      case SpoolEvent.Held _,SpoolEvent.Released _,SpoolEvent.ReleasedEarly _ -> true;
    };
  }

  private static byte[] events(ReadableFile file, EntryHeader header, long size) throws IOException {
    long length = size - header.eventsStart();
    if (length == 0) {
      return NOTHING;
    }
    if (length > MAX_EVENTS_BYTES) {
      throw new DamagedEntryException("%d octets of events".formatted(length));
    }
    byte[] bytes = new byte[(int) length];
    return Arrays.copyOf(bytes, fill(file, bytes, 0, header.eventsStart()));
  }

  /** Reads from {@code position} until {@code bytes} is full from {@code offset} or the file ends; returns how many. */
  private static int fill(ReadableFile file, byte[] bytes, int offset, long position) throws IOException {
    int count = 0;
    while (offset + count < bytes.length) {
      int read = file.read(bytes, offset + count, bytes.length - offset - count, position + count);
      if (read < 0) {
        break;
      }
      count += read;
    }
    return count;
  }
}
