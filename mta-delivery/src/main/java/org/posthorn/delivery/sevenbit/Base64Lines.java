package org.posthorn.delivery.sevenbit;

import java.io.IOException;
import java.util.Arrays;
import java.util.Base64;

/** Base64 in lines of 76 characters (RFC 2045 §6.8). */
final class Base64Lines implements LeafEncoding {
  private static final int LINE_OCTETS = 57; // 76 characters

  private final OctetSink out;
  private final byte[] line = new byte[LINE_OCTETS];
  private int length;
  private boolean begun;

  /** Encodes to {@code out}. */
  Base64Lines(OctetSink out) {
    this.out = out;
  }

  @Override
  public void octet(byte octet) throws IOException {
    if (length == LINE_OCTETS) {
      writeLine();
    }
    line[length++] = octet;
  }

  @Override
  public void finish() throws IOException {
    if (length > 0) {
      writeLine();
    }
  }

  private void writeLine() throws IOException {
    if (begun) {
      out.put("\r\n");
    }
    begun = true;
    out.put(Base64.getEncoder().encodeToString(Arrays.copyOf(line, length)));
    length = 0;
  }
}
