package org.posthorn.daemon.cli;

import java.io.IOException;
import java.io.InputStream;

/** Decodes quoted-printable (RFC 2045 §6.7). What is no right escape stands for itself, as there is advised. */
final class QuotedPrintableInput extends InputStream {
  private final InputStream in;
  private int[] ahead = new int[0];
  private int next;

  QuotedPrintableInput(InputStream in) {
    this.in = in;
  }

  @Override
  public int read() throws IOException {
    for (int octet = raw();; octet = raw()) {
      if (octet != '=') {
        return octet;
      }
      int first = raw();
      if (first == '\n') {
        continue; // a soft line break
      }
      int second = raw();
      if (first == '\r' && second == '\n') {
        continue;
      }
      if (Character.digit(first, 16) >= 0 && Character.digit(second, 16) >= 0) {
        return Character.digit(first, 16) * 16 + Character.digit(second, 16);
      }
      putBack(first, second);
      return '=';
    }
  }

  @Override
  public int read(byte[] octets, int offset, int length) throws IOException {
    int count = 0;
    for (int octet = length == 0 ? -1 : read(); octet >= 0; octet = count < length ? read() : -1) {
      octets[offset + count++] = (byte) octet;
    }
    return count > 0 || length == 0 ? count : -1;
  }

  private void putBack(int first, int second) {
    ahead = new int[]{first, second};
    next = 0;
  }

  private int raw() throws IOException {
    return next < ahead.length ? ahead[next++] : in.read();
  }
}
