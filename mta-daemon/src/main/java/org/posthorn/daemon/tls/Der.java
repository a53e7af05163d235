package org.posthorn.daemon.tls;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.Locale;

/** Writes the few forms of DER (X.690) that a certificate and a private key need. */
final class Der {
  private static final int INTEGER = 0x02;
  private static final int BIT_STRING = 0x03;
  private static final int OCTET_STRING = 0x04;
  private static final int OBJECT_IDENTIFIER = 0x06;
  private static final int UTF8_STRING = 0x0c;
  private static final int UTC_TIME = 0x17;
  private static final int GENERALIZED_TIME = 0x18;
  private static final int SEQUENCE = 0x30;
  private static final int SET = 0x31;
  private static final int EXPLICIT = 0xa0;
  private static final int IMPLICIT = 0x80;
  /** RFC 5280 §4.1.2.5. */
  private static final int FIRST_YEAR_OF_GENERALIZED_TIME = 2050;

  private Der() {}

  static byte[] sequence(byte[]... parts) {
    return element(SEQUENCE, joined(parts));
  }

  static byte[] set(byte[]... parts) {
    return element(SET, joined(parts));
  }

  static byte[] integer(BigInteger number) {
    return element(INTEGER, number.toByteArray());
  }

  static byte[] octets(byte[] content) {
    return element(OCTET_STRING, content);
  }

  /** Writes whole octets of bits. */
  static byte[] bits(byte[] content) {
    return bits(content, 0);
  }

  /** Writes bits of which the last {@code unused} are none. */
  static byte[] bits(byte[] content, int unused) {
    return element(BIT_STRING, joined(new byte[]{(byte) unused}, content));
  }

  static byte[] text(String text) {
    return element(UTF8_STRING, text.getBytes(StandardCharsets.UTF_8));
  }

  /** Writes {@code content} in the context-specific tag {@code number}, constructed. */
  static byte[] explicit(int number, byte[] content) {
    return element(EXPLICIT | number, content);
  }

  /** Writes {@code content} in the context-specific tag {@code number} in place of its own. */
  static byte[] implicit(int number, byte[] content) {
    return element(IMPLICIT | number, content);
  }

  /** Writes a time of day in UTC, to the second. */
  static byte[] time(Instant time) {
    ZonedDateTime utc = time.atZone(ZoneOffset.UTC);
    boolean isShort = utc.getYear() < FIRST_YEAR_OF_GENERALIZED_TIME;
    String text = DateTimeFormatter.ofPattern(isShort ? "yyMMddHHmmss'Z'" : "yyyyMMddHHmmss'Z'", Locale.ROOT)
        .format(utc);
    return element(isShort ? UTC_TIME : GENERALIZED_TIME, text.getBytes(StandardCharsets.US_ASCII));
  }

  /** Writes an object identifier such as {@code 2.5.4.3}. */
  static byte[] oid(String dotted) {
    int[] arcs = Arrays.stream(dotted.split("\\.", -1)).mapToInt(Integer::parseInt).toArray();
    var content = new ByteArrayOutputStream();
    content.write(arcs[0] * 40 + arcs[1]);
    for (int i = 2; i < arcs.length; i++) {
      for (int shift = 28; shift > 0; shift -= 7) {
        if (arcs[i] >>> shift != 0) {
          content.write((arcs[i] >>> shift & 0x7f) | 0x80);
        }
      }
      content.write(arcs[i] & 0x7f);
    }
    return element(OBJECT_IDENTIFIER, content.toByteArray());
  }

  /** Returns the first element inside of the sequence {@code encoded}, which is well-formed. */
  static byte[] firstOf(byte[] encoded) {
    int from = contentAt(encoded, 0);
    int length = encoded[from + 1] & 0xff;
    int start = contentAt(encoded, from);
    int end = start - from == 2 ? start + length : start + longLength(encoded, from);
    return Arrays.copyOfRange(encoded, from, end);
  }

  private static int contentAt(byte[] encoded, int element) {
    int length = encoded[element + 1] & 0xff;
    return element + 2 + (length < 0x80 ? 0 : length & 0x7f);
  }

  private static int longLength(byte[] encoded, int element) {
    int octets = encoded[element + 1] & 0x7f;
    return new BigInteger(1, Arrays.copyOfRange(encoded, element + 2, element + 2 + octets)).intValueExact();
  }

  private static byte[] element(int tag, byte[] content) {
    var out = new ByteArrayOutputStream();
    out.write(tag);
    if (content.length < 0x80) {
      out.write(content.length);
    } else {
      byte[] length = minimal(content.length);
      out.write(0x80 | length.length);
      out.writeBytes(length);
    }
    out.writeBytes(content);
    return out.toByteArray();
  }

  private static byte[] minimal(int number) {
    byte[] octets = BigInteger.valueOf(number).toByteArray();
    return octets[0] == 0 ? Arrays.copyOfRange(octets, 1, octets.length) : octets;
  }

  private static byte[] joined(byte[]... parts) {
    var out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }
}
