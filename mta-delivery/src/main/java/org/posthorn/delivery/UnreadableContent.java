package org.posthorn.delivery;

import java.io.IOException;

/** The message could not be read from our own disk, or was cut off: what was sent of it must never be ended by a dot. */
final class UnreadableContent extends IOException {
  private static final long serialVersionUID = 1;

  UnreadableContent(IOException cause) {
    super(cause);
  }

  UnreadableContent(String what) {
    super(what);
  }
}
