package org.posthorn.delivery.mailbox;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/**
 * Turns content as it travels into content as it is stored: lines end in LF, as every program on Unix that reads a
 * mailbox expects, and {@code Return-Path:} fields of earlier deliveries are gone (RFC 5321 §4.4). Used once.
 */
final class StoredForm {
  private static final byte[] RETURN_PATH = "return-path:".getBytes(StandardCharsets.US_ASCII);
  private static final int CHUNK_BYTES = 16 * 1024;

  /** Where the next octet stands. */
  private enum Place {
    /** In a header field's first octets, all of them so far those of {@code Return-Path:}. */
    FIELD_START,
    /** In a line that is kept. */
    KEPT,
    /** In a field that is dropped. */
    DROPPED,
    /** Behind the end of a dropped line: is the next one a continuation? */
    AFTER_DROPPED
  }

  private final LineSink out;
  private final byte[] start = new byte[RETURN_PATH.length];
  private int startLength;
  private Place place = Place.FIELD_START;
  private boolean inHeader = true;
  private boolean afterCr;
  private boolean atLineStart = true;

  /** Writes to {@code out}. */
  StoredForm(LineSink out) {
    this.out = out;
  }

  /** Takes the octets of the stored form. */
  @FunctionalInterface
  interface LineSink {
    /** Takes one octet. */
    void put(int octet) throws IOException;
  }

  /** Copies all of {@code content}, and ends its last line. */
  void copy(InputStream content) throws IOException {
    var chunk = new byte[CHUNK_BYTES];
    for (int length = content.read(chunk); length >= 0; length = content.read(chunk)) {
      for (int i = 0; i < length; i++) {
        withoutCr(chunk[i]);
      }
    }
    if (afterCr) {
      octet('\r');
    }
    if (!atLineStart) {
      octet('\n');
    }
  }

  private void withoutCr(byte octet) throws IOException {
    if (afterCr && octet != '\n') {
      octet('\r'); // a CR within a line, which a BDAT chunk may hold, is part of the message
    }
    afterCr = octet == '\r';
    if (!afterCr) {
      octet(octet);
    }
  }

  private void octet(int octet) throws IOException {
    atLineStart = octet == '\n';
    switch (place) {
      case FIELD_START -> fieldStart(octet);
      case KEPT -> kept(octet);
      case DROPPED -> place = atLineStart ? Place.AFTER_DROPPED : Place.DROPPED;
      case AFTER_DROPPED -> {
        place = octet == ' ' || octet == '\t' ? Place.DROPPED : Place.FIELD_START;
        if (place == Place.FIELD_START) {
          fieldStart(octet);
        }
      }
    }
  }

  private void fieldStart(int octet) throws IOException {
    if (Character.toLowerCase(octet) == RETURN_PATH[startLength]) {
      start[startLength++] = (byte) octet;
      if (startLength == RETURN_PATH.length) {
        startLength = 0;
        place = Place.DROPPED;
      }
      return;
    }
    inHeader &= startLength > 0 || octet != '\n'; // an empty line ends the header section
    for (int i = 0; i < startLength; i++) {
      out.put(start[i]);
    }
    startLength = 0;
    kept(octet);
  }

  private void kept(int octet) throws IOException {
    out.put(octet);
    place = octet == '\n' && inHeader ? Place.FIELD_START : Place.KEPT;
  }
}
