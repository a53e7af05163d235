package org.posthorn.daemon.cli;

/** What the commands end with. Those of sendmail are in {@link Sysexit}. */
final class ExitCode {
  /** All done. */
  static final int OK = 0;
  /** The daemon is down, or refused, or some of it was not done. */
  static final int FAILED = 1;
  /** The command or the settings make no sense. */
  static final int USAGE = 2;

  private ExitCode() {}
}
