package org.posthorn.delivery;

import java.io.IOException;
import org.posthorn.smtp.Printable;

/** A server offered TLS, and the handshake with it failed. */
final class HandshakeException extends IOException {
  private static final long serialVersionUID = 1;

  HandshakeException(IOException cause) {
    super(Printable.of(cause.getMessage() == null ? cause.toString() : cause.getMessage()), cause);
  }
}
