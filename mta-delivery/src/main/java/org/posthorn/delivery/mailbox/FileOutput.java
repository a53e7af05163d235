package org.posthorn.delivery.mailbox;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** Collects octets for a file and writes them in large pieces. Used by one thread. */
final class FileOutput {
  private static final int BUFFER_BYTES = 16 * 1024;

  private final FileChannel file;
  private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
  private long written;

  /** Writes to {@code file}, at its position. */
  FileOutput(FileChannel file) {
    this.file = file;
  }

  /** Adds one octet. */
  void put(int octet) throws IOException {
    if (!buffer.hasRemaining()) {
      flush();
    }
    buffer.put((byte) octet);
  }

  /** Adds {@code octets}. */
  void put(byte[] octets) throws IOException {
    for (byte octet : octets) {
      put(octet);
    }
  }

  /** Hands everything to the file. */
  void flush() throws IOException {
    buffer.flip();
    while (buffer.hasRemaining()) {
      written += file.write(buffer);
    }
    buffer.clear();
  }

  /** Returns how many octets the file has got so far. */
  long written() {
    return written;
  }
}
