package org.posthorn.queue;

/** The index of the queue failed. Mail is safe in the spool. */
public final class StoreException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** {@code message} says what could not be done. */
  public StoreException(String message) {
    super(message);
  }

  /** Says what could not be done; the cause says why. */
  public StoreException(String message, Throwable cause) {
    super(message, cause);
  }
}
