package org.posthorn.daemon.auth;

/** A directory that is asked whether a password is right. Safe for use by many threads. */
public non-sealed interface PasswordDirectory extends UserDirectory {
  /** What a directory says of a password. */
  enum Verdict {
    /** It is that of the login. */
    RIGHT,
    /** It is not, or the login is nobody's. */
    WRONG,
    /** No directory answers, or none that could tell. */
    UNKNOWN
  }

  /**
   * Returns whether {@code password} is that of {@code login}. Blocks for the network, for a bounded time.
   *
   * @param login prepared, not empty
   * @param password prepared
   */
  Verdict check(String login, String password);
}
