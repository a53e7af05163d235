package org.posthorn.daemon.tls;

/** A certificate or its key cannot be used. The message names the file and says what is wrong with it. */
public final class CredentialException extends Exception {
  private static final long serialVersionUID = 1;

  /** Says {@code message}. */
  public CredentialException(String message, Throwable cause) {
    super(message, cause);
  }

  /** Says {@code message}. */
  public CredentialException(String message) {
    super(message);
  }
}
