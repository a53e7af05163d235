package org.posthorn.smtp;

import java.io.IOException;

/** A peer sent something that is no SMTP reply, after which nothing on the connection can be trusted. */
public final class ReplyException extends IOException {
  private static final long serialVersionUID = 1L;

  /** @param message what is wrong, with the peer's text made printable */
  public ReplyException(String message) {
    super(message);
  }
}
