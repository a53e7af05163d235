package org.posthorn.daemon.admin;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/** Reads a body in chunks (RFC 9112 §7.1), and fails when its last chunk is missing. */
final class ChunkedBody extends InputStream {
  private static final int MAX_SIZE_LINE = 20;

  private final InputStream in;
  private int left;
  private boolean isDone;
  private boolean isFirst = true;

  ChunkedBody(InputStream in) {
    this.in = in;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    if (left == 0 && !isDone) {
      beginChunk();
    }
    if (isDone) {
      return -1;
    }
    int count = in.read(bytes, offset, Math.min(length, left));
    if (count < 0) {
      throw new EOFException("its answer was cut");
    }
    left -= count;
    return count;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }

  private void beginChunk() throws IOException {
    if (!isFirst) {
      line(); // what ends the chunk before
    }
    isFirst = false;
    try {
      left = Integer.parseInt(line(), 16);
    } catch (NumberFormatException e) {
      throw new IOException("its answer makes no sense", e);
    }
    isDone = left == 0;
  }

  private String line() throws IOException {
    var line = new StringBuilder();
    int octet = in.read();
    while (octet != '\n') {
      if (octet < 0 || line.length() > MAX_SIZE_LINE) {
        throw new EOFException("its answer was cut");
      }
      line.append((char) octet);
      octet = in.read();
    }
    return line.toString().strip();
  }
}
