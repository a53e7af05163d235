package org.posthorn.daemon.auth.token;

/** Says whom a bearer token is about. Safe for use by many threads; may wait for the network. */
public interface TokenCheck {
  /** What a token is worth. */
  sealed interface Result {
    /** It is genuine, and says that its bearer is {@code login}, as its provider writes it. */
    record Valid(String login) implements Result {}

    /** It is not for us, no longer, or not at all. */
    record Invalid(String why) implements Result {}

    /** The keys to check it with cannot be had. */
    record Unknown() implements Result {}
  }

  /** Checks a token as the client sent it. */
  Result check(String token);
}
