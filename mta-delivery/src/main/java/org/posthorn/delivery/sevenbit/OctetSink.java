package org.posthorn.delivery.sevenbit;

import java.io.IOException;

/** Takes the octets of the converted message. */
@FunctionalInterface
interface OctetSink {
  /** Takes one octet, 0 to 127. */
  void put(int octet) throws IOException;

  /** Takes the characters of {@code text}, all ASCII. */
  default void put(String text) throws IOException {
    for (int i = 0; i < text.length(); i++) {
      put(text.charAt(i));
    }
  }
}
