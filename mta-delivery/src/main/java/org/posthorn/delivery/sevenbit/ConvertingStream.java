package org.posthorn.delivery.sevenbit;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;

/** Converts a message while it is read. */
final class ConvertingStream extends InputStream {
  private static final int CHUNK_BYTES = 16 * 1024;

  private final InputStream original;
  private final byte[] chunk = new byte[CHUNK_BYTES];
  private final ByteArrayOutputStream converted = new ByteArrayOutputStream(2 * CHUNK_BYTES);
  private final Rewriter rewriter;
  private final MimeScanner scanner;
  private byte[] ready = {};
  private int position;
  private boolean finished;

  /** Converts {@code original}, which it closes, as {@code analysis} of the same octets says. */
  ConvertingStream(InputStream original, Analysis analysis) {
    this.original = original;
    this.rewriter = new Rewriter(analysis, converted::write);
    this.scanner = new MimeScanner(rewriter);
  }

  @Override
  public int read() throws IOException {
    return fill() ? ready[position++] & 0xff : -1;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    if (!fill()) {
      return -1;
    }
    int count = Math.min(length, ready.length - position);
    System.arraycopy(ready, position, into, offset, count);
    position += count;
    return count;
  }

  @Override
  public void close() throws IOException {
    original.close();
  }

  private boolean fill() throws IOException {
    while (position == ready.length && !finished) {
      int length = original.read(chunk);
      if (length >= 0) {
        scanner.feed(chunk, length);
      } else {
        scanner.finish();
        rewriter.finish();
        finished = true;
      }
      ready = converted.toByteArray();
      converted.reset();
      position = 0;
    }
    return position < ready.length;
  }
}
