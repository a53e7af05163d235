package org.posthorn.smtp;

import java.io.IOException;

/** Takes the octets of a message, piece by piece. */
@FunctionalInterface
public interface ContentSink {
  /** Takes {@code octets[from]} to {@code octets[to - 1]}, at least one, and keeps no reference to the array. */
  void take(byte[] octets, int from, int to) throws IOException;
}
