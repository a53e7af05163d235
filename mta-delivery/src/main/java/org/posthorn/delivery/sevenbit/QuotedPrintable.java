package org.posthorn.delivery.sevenbit;

import java.io.IOException;

/** Quoted-printable (RFC 2045 §6.7). CRLF is a line end; a CR or LF alone is data. */
final class QuotedPrintable implements LeafEncoding {
  private static final int MAX_LINE = 76;
  private static final String HEX = "0123456789ABCDEF";

  private final OctetSink out;
  private int column;
  private int held = -1;

  /** Encodes to {@code out}. */
  QuotedPrintable(OctetSink out) {
    this.out = out;
  }

  @Override
  public void octet(byte octet) throws IOException {
    if (held == '\r' && octet == '\n') {
      held = -1;
      out.put("\r\n");
      column = 0;
      return;
    }
    if ((held == ' ' || held == '\t') && octet != '\r') {
      literal(held);
      held = -1;
    }
    release();
    switch (octet) {
      case ' ', '\t', '\r' -> held = octet;
      default -> data(octet);
    }
  }

  @Override
  public void finish() throws IOException {
    release();
  }

  /** Writes what was held back because a line end might follow, now that it does or nothing does. */
  private void release() throws IOException {
    if (held >= 0) {
      int octet = held;
      held = -1;
      escaped(octet);
    }
  }

  private void data(byte octet) throws IOException {
    if (octet >= '!' && octet <= '~' && octet != '=') {
      literal(octet);
    } else {
      escaped(octet);
    }
  }

  private void literal(int octet) throws IOException {
    makeRoom(1);
    out.put(octet);
    column++;
  }

  private void escaped(int octet) throws IOException {
    makeRoom(3);
    out.put('=');
    out.put(HEX.charAt(octet >> 4 & 0xf));
    out.put(HEX.charAt(octet & 0xf));
    column += 3;
  }

  private void makeRoom(int width) throws IOException {
    if (column + width >= MAX_LINE) { // one column is kept for the sign that the line goes on
      out.put("=\r\n");
      column = 0;
    }
  }
}
