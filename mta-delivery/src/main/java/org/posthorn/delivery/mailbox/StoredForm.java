package org.posthorn.delivery.mailbox;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.posthorn.smtp.OwnerField;

/**
 * Turns content as it travels into content as it is stored: lines end in LF, as every program on Unix that reads a
 * mailbox expects, and fields are gone that end here: {@code Return-Path:} of earlier deliveries (RFC 5321 §4.4) and {@code
 * Require-Recipient-Valid-Since:} (RFC 7293 §5.2). Used once.
 */
final class StoredForm {
  private static final List<byte[]> GONE = List.of("return-path:".getBytes(StandardCharsets.US_ASCII),
      (OwnerField.NAME + ":").getBytes(StandardCharsets.US_ASCII));
  private static final int CHUNK_BYTES = 16 * 1024;

  /** Where the next octet stands. */
  private enum Place {
    /** In a header field's first octets, all of them so far those of one that goes. */
    FIELD_START,
    /** In a line that is kept. */
    KEPT,
    /** In a field that is dropped. */
    DROPPED,
    /** Behind the end of a dropped line: is the next one a continuation? */
    AFTER_DROPPED
  }

  private final LineSink out;
  private final byte[] start = new byte[OwnerField.NAME.length() + 1];
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
    start[startLength] = (byte) octet;
    for (var name : GONE) {
      if (beginsAsStart(name)) {
        startLength++;
        if (startLength == name.length) {
          startLength = 0;
          place = Place.DROPPED;
        }
        return;
      }
    }
    inHeader &= startLength > 0 || octet != '\n'; // an empty line ends the header section
    for (int i = 0; i < startLength; i++) {
      out.put(start[i]);
    }
    startLength = 0;
    kept(octet);
  }

  /** Whether {@code name} begins with what the line has so far, the octet behind the known ones included. */
  private boolean beginsAsStart(byte[] name) {
    for (int i = startLength; i >= 0; i--) {
      if (i >= name.length || Character.toLowerCase(start[i]) != name[i]) {
        return false;
      }
    }
    return true;
  }

  private void kept(int octet) throws IOException {
    out.put(octet);
    place = octet == '\n' && inHeader ? Place.FIELD_START : Place.KEPT;
  }
}
