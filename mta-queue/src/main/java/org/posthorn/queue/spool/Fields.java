package org.posthorn.queue.spool;

import java.util.zip.CRC32C;

/** Numbers of fixed width in octets. */
final class Fields {
  private static final byte[] HEX_DIGITS = {'0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e',
      'f'};
  private static final int HEX_WIDTH = 8;

  private Fields() {}

  /** Returns the number written in decimal in {@code digits} octets from {@code at}; -1 when that is no number. */
  static long decimal(byte[] bytes, int at, int digits) {
    long number = 0;
    for (int i = at; i < at + digits; i++) {
      if (bytes[i] < '0' || bytes[i] > '9') {
        return -1;
      }
      number = number * 10 + bytes[i] - '0';
    }
    return number;
  }

  /** Returns the CRC written in hexadecimal in 8 octets from {@code at}; -1, which is no CRC, when that is no number. */
  static long hex(byte[] bytes, int at) {
    long number = 0;
    for (int i = at; i < at + HEX_WIDTH; i++) {
      int digit = bytes[i] >= '0' && bytes[i] <= '9'
          ? bytes[i] - '0'
          : bytes[i] >= 'a' && bytes[i] <= 'f' ? bytes[i] - 'a' + 10 : -1;
      if (digit < 0) {
        return -1;
      }
      number = number << 4 | digit;
    }
    return number;
  }

  static void putDecimal(byte[] bytes, int at, int digits, long number) {
    long rest = number;
    for (int i = at + digits - 1; i >= at; i--) {
      bytes[i] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
  }

  static void putHex(byte[] bytes, int at, long crc) {
    for (int i = 0; i < HEX_WIDTH; i++) {
      bytes[at + i] = HEX_DIGITS[(int) (crc >>> (4 * (HEX_WIDTH - 1 - i))) & 0xf];
    }
  }

  /** Returns the CRC-32C of a part of {@code bytes}, 0 to 2^32 - 1. */
  static long crc(byte[] bytes, int offset, int length) {
    var crc = new CRC32C();
    crc.update(bytes, offset, length);
    return crc.getValue();
  }
}
