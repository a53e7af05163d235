package org.posthorn.delivery.sevenbit;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Writes a header field with octets above 127, which no standard allows without SMTPUTF8 and many programs send, in ASCII:
 * each word that has some becomes an encoded-word (RFC 2047). What stands around the words is kept, so the structure of
 * the field is, too. Other mail systems send such fields on as they are, or refuse the message.
 */
final class EncodedWords {
  private static final String DELIMITERS = " \t\r\n\"()<>,;:=";
  private static final String PLAIN = "!*+-/";
  private static final String HEX = "0123456789ABCDEF";
  private static final int MAX_WORD_OCTETS = 15; // as =XX 45 characters, with charset and signs below the limit of 75

  private final OctetSink out;

  /** Writes to {@code out}. */
  EncodedWords(OctetSink out) {
    this.out = out;
  }

  /** Writes {@code field}, a whole field with its line ends. */
  void write(byte[] field, int length) throws IOException {
    String charset = isUtf8(field, length) ? "utf-8" : "unknown-8bit"; // RFC 1428 §3
    var gap = new ByteArrayOutputStream();
    boolean afterEncoded = false;
    for (int from = 0; from < length;) {
      int to = wordEnd(field, from, length);
      if (to == from) {
        gap.write(field[from++]);
        continue;
      }
      boolean encode = isEightBit(field, from, to);
      boolean blankGap = gap.toString(StandardCharsets.ISO_8859_1).isBlank();
      putRaw(gap.toByteArray());
      if (encode) {
        // White space between two encoded-words is not shown (RFC 2047 §6.2), so the second has to carry it.
        encode(charset, afterEncoded && blankGap && gap.size() > 0 ? "_" : "", field, from, to);
      } else {
        putRaw(Arrays.copyOfRange(field, from, to));
      }
      gap.reset();
      afterEncoded = encode;
      from = to;
    }
    putRaw(gap.toByteArray());
  }

  private void encode(String charset, String prefix, byte[] field, int from, int to) throws IOException {
    String first = prefix;
    for (int start = from; start < to;) {
      int end = Math.min(to, start + MAX_WORD_OCTETS);
      while (charset.equals("utf-8") && end < to && (field[end] & 0xc0) == 0x80 && end > start + 1) {
        end--; // not within a character (RFC 2047 §5)
      }
      out.put((start == from ? "=?" : "\r\n =?") + charset + "?Q?" + first);
      first = "";
      for (int i = start; i < end; i++) {
        encode(field[i]);
      }
      out.put("?=");
      start = end;
    }
  }

  private void encode(byte octet) throws IOException {
    boolean plain = octet > 0 && (Character.isLetterOrDigit(octet) || PLAIN.indexOf(octet) >= 0);
    if (plain) {
      out.put(octet);
    } else {
      out.put('=');
      out.put(HEX.charAt(octet >> 4 & 0xf));
      out.put(HEX.charAt(octet & 0xf));
    }
  }

  private void putRaw(byte[] octets) throws IOException {
    for (byte octet : octets) {
      out.put(octet);
    }
  }

  private static int wordEnd(byte[] field, int from, int length) {
    int to = from;
    while (to < length && (field[to] < 0 || DELIMITERS.indexOf(field[to]) < 0)) {
      to++;
    }
    return to;
  }

  private static boolean isEightBit(byte[] octets, int from, int to) {
    for (int i = from; i < to; i++) {
      if (octets[i] < 0) {
        return true;
      }
    }
    return false;
  }

  private static boolean isUtf8(byte[] octets, int length) {
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(octets, 0, length));
      return true;
    } catch (CharacterCodingException _) {
      return false;
    }
  }
}
