package org.posthorn.delivery.sevenbit;

import java.io.IOException;

/** Takes a message apart as {@link MimeScanner} reads it. All octets of the message come by, in order. */
interface MimeEvents {
  /**
   * A field of {@code entity} with its line ends, or a further piece of a very long one.
   *
   * @param begins whether it is the beginning of the field
   */
  void field(Entity entity, byte[] octets, int length, boolean begins) throws IOException;

  /** The header of {@code entity} is over; {@code blankLine} is empty when a delimiter or the end came instead. */
  void headerEnd(Entity entity, byte[] blankLine) throws IOException;

  /** A piece of the body of {@code leaf}. The line end before a delimiter is not part of it (RFC 2046 §5.1.1). */
  void body(Entity leaf, byte[] octets, int length) throws IOException;

  /** The body of {@code leaf} is over. */
  void bodyEnd(Entity leaf) throws IOException;

  /** A piece of what lies between entities: a delimiter, or what comes before the first or behind the last part. */
  void between(boolean frozen, byte[] octets, int length) throws IOException;
}
