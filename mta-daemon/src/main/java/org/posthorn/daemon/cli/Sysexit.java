package org.posthorn.daemon.cli;

/** The exit codes of sendmail, which programs that call it understand (sysexits(3)). */
enum Sysexit {
  /** Done. */
  OK(0),
  /** Wrong usage. */
  USAGE(64),
  /** The message is malformed. */
  DATAERR(65),
  /** A recipient does not exist. */
  NOUSER(67),
  /** The server will not take it. */
  UNAVAILABLE(69),
  /** A fault of ours. */
  SOFTWARE(70),
  /** Try again later. */
  TEMPFAIL(75),
  /** You may not. */
  NOPERM(77),
  /** The settings are wrong. */
  CONFIG(78);

  private final int code;

  Sysexit(int code) {
    this.code = code;
  }

  int code() {
    return code;
  }
}
