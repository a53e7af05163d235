package org.posthorn.daemon.admin;

import java.io.IOException;

/** The daemon could not be asked, or refused; the message is for the operator as it stands. */
public final class AdminException extends IOException {
  private static final long serialVersionUID = 1L;

  /** Says in one sentence what went wrong. */
  public AdminException(String message) {
    super(message);
  }

  /** The same, with a cause. */
  public AdminException(String message, Throwable cause) {
    super(message, cause);
  }
}
