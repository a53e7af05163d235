package org.posthorn.daemon.admin;

import java.io.IOException;

/** The daemon could not be asked, or refused; the message is for the operator as it stands. */
public final class AdminException extends IOException {
  private static final long serialVersionUID = 1L;

  private final boolean isSenseless;

  /** Says in one sentence what went wrong. */
  public AdminException(String message) {
    this(message, false);
  }

  /** The same; {@code isSenseless} when what was asked for makes no sense to any daemon. */
  AdminException(String message, boolean isSenseless) {
    super(message);
    this.isSenseless = isSenseless;
  }

  /** The same, with a cause. */
  public AdminException(String message, Throwable cause) {
    super(message, cause);
    isSenseless = false;
  }

  /** Whether what was asked for makes no sense to any daemon. */
  public boolean isSenseless() {
    return isSenseless;
  }
}
