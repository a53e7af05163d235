package org.posthorn.daemon.cli;

/** A command cannot go on; the message is for the operator as it stands. */
final class Failure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int exitCode;

  /** Fails with {@code exitCode}. */
  Failure(int exitCode, String message) {
    super(message);
    this.exitCode = exitCode;
  }

  /** What was asked for failed. */
  static Failure of(String message) {
    return new Failure(ExitCode.FAILED, message);
  }

  /** What was asked for makes no sense. */
  static Failure usage(String message) {
    return new Failure(ExitCode.USAGE, message);
  }

  int exitCode() {
    return exitCode;
  }
}
