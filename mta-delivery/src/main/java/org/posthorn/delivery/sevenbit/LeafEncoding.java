package org.posthorn.delivery.sevenbit;

import java.io.IOException;

/** Encodes the body of one leaf. */
interface LeafEncoding {
  /** Takes the next octet of the body, as signed byte. */
  void octet(byte octet) throws IOException;

  /** Writes what is left; the last line is not ended unless the body ended so. */
  void finish() throws IOException;
}
