package org.posthorn.delivery.sevenbit;

import java.io.IOException;

/**
 * A body that its header says is encoded, and that has octets above 127 in it all the same. It stays as it is, but for
 * those octets.
 */
final class EncodedAlready implements LeafEncoding {
  private static final int MAX_LINE = 900;
  private static final String HEX = "0123456789ABCDEF";

  private final OctetSink out;
  private final boolean quotedPrintable;
  private int column;

  /**
   * Writes to {@code out}.
   *
   * @param quotedPrintable whether the body is quoted-printable, where most readers take a raw octet for itself; else it is
   *     base64, where every reader passes over it (RFC 2045 §6.8)
   */
  EncodedAlready(OctetSink out, boolean quotedPrintable) {
    this.out = out;
    this.quotedPrintable = quotedPrintable;
  }

  @Override
  public void octet(byte octet) throws IOException {
    if (octet >= 0) {
      out.put(octet);
      column = octet == '\n' ? 0 : column + 1;
    } else if (quotedPrintable) {
      if (column > MAX_LINE) {
        out.put("=\r\n");
        column = 0;
      }
      out.put('=');
      out.put(HEX.charAt(octet >> 4 & 0xf));
      out.put(HEX.charAt(octet & 0xf));
      column += 3;
    }
  }

  @Override
  public void finish() {}
}
