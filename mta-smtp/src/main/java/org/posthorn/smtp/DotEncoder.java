package org.posthorn.smtp;

import java.io.IOException;
import java.io.OutputStream;

/**
 * Writes a message as the data after DATA: dots at line starts doubled, CRLF.CRLF at its end (RFC 5321 §4.5.2). A dot
 * is doubled after a bare LF too, so that no lenient reader takes content for the end of data.
 *
 * <p>It buffers nothing: {@code out} should. One thread at a time uses it. Closing it does nothing; {@link #finish}
 * ends the data, and what is not finished must never be followed by another command.
 */
public final class DotEncoder extends OutputStream {
  private static final byte[] END = {'.', '\r', '\n'};
  private static final byte[] LINE_END = {'\r', '\n'};

  private final OutputStream out;
  private boolean atLineStart = true;
  private byte last = '\n';
  private byte beforeLast = '\r';

  /** @param out where the data goes; not closed */
  public DotEncoder(OutputStream out) {
    this.out = out;
  }

  @Override
  public void write(int octet) throws IOException {
    write(new byte[]{(byte) octet}, 0, 1);
  }

  @Override
  public void write(byte[] octets, int offset, int length) throws IOException {
    int to = offset + length;
    int from = offset;
    int at = offset;
    while (at < to) {
      if (atLineStart && octets[at] == '.') {
        out.write(octets, from, at - from);
        out.write('.');
        from = at;
      }
      int lf = Octets.indexOf(octets, (byte) '\n', at, to);
      atLineStart = lf < to;
      at = Math.min(lf + 1, to);
    }
    out.write(octets, from, to - from);
    if (length > 0) {
      beforeLast = length > 1 ? octets[to - 2] : last;
      last = octets[to - 1];
    }
  }

  @Override
  public void flush() throws IOException {
    out.flush();
  }

  /** Ends the data, with a line end before the final dot if the message has none (RFC 5321 §4.1.1.4), and flushes. */
  public void finish() throws IOException {
    if (last == '\r') {
      out.write('\n');
    } else if (last != '\n' || beforeLast != '\r') {
      out.write(LINE_END);
    }
    out.write(END);
    out.flush();
  }
}
