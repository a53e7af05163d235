package org.posthorn.queue;

/** Our own disk failed: it is full, read-only, broken, or holds something else than we wrote. */
public final class SpoolException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Says what could not be done; the cause says why. */
  public SpoolException(String message, Throwable cause) {
    super(message, cause);
  }

  /** Says what could not be done and why. */
  public SpoolException(String message) {
    super(message);
  }
}
