package org.posthorn.daemon.admin;

/** What was asked for makes no sense; the message says why in one sentence. Never leaves this package. */
final class BadRequest extends RuntimeException {
  private static final long serialVersionUID = 1L;

  BadRequest(String message) {
    super(message);
  }
}
