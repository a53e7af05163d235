package org.posthorn.queue.spool;

import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import java.util.zip.CRC32C;
import org.posthorn.queue.spool.Disk.ReadableFile;

/**
 * Reads the content of a spool entry. The last octets are only given out when the checksum of all of them is right, so
 * that nobody takes spoilt content for whole.
 */
final class ContentStream extends InputStream {
  /** One read gets header, envelope and content of most messages. */
  private static final int BUFFER_BYTES = 16 * 1024;

  private final ReadableFile file;
  private final EntryHeader header;
  private final CRC32C crc = new CRC32C();
  private final byte[] buffer = new byte[BUFFER_BYTES];
  /** Where in the file {@code buffer} ends. */
  private long bufferEnd;
  private int bufferedBytes;
  private long position;

  /** Reads the header; the stream closes {@code file}, once it exists. */
  ContentStream(ReadableFile file) throws IOException {
    this.file = file;
    this.bufferedBytes = Math.max(0, file.read(buffer, 0, buffer.length, 0));
    this.bufferEnd = bufferedBytes;
    this.header = EntryHeader.parse(buffer, bufferedBytes);
    this.position = header.contentStart();
  }

  long size() {
    return header.contentBytes();
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, bytes.length);
    long left = header.eventsStart() - position;
    if (left == 0 || length == 0) {
      return left == 0 ? -1 : 0;
    }
    int count = take(bytes, offset, (int) Math.min(length, left));
    crc.update(bytes, offset, count);
    position += count;
    if (position == header.eventsStart() && crc.getValue() != header.contentCrc()) {
      throw new DamagedEntryException("wrong checksum of the content");
    }
    return count;
  }

  private int take(byte[] bytes, int offset, int length) throws IOException {
    if (position >= bufferEnd) {
      if (length >= buffer.length) {
        return checked(file.read(bytes, offset, length, position));
      }
      bufferedBytes = checked(file.read(buffer, 0, buffer.length, position));
      bufferEnd = position + bufferedBytes;
    }
    int count = (int) Math.min(length, bufferEnd - position);
    System.arraycopy(buffer, (int) (bufferedBytes - (bufferEnd - position)), bytes, offset, count);
    return count;
  }

  private static int checked(int count) throws DamagedEntryException {
    if (count < 0) {
      throw new DamagedEntryException("ends within the content");
    }
    return count;
  }

  @Override
  public int available() {
    return (int) Math.clamp(bufferEnd - position, 0, header.eventsStart() - position);
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
