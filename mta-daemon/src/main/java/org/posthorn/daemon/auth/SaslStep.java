package org.posthorn.daemon.auth;

/** What the server's side of a SASL exchange does next (RFC 4422 §3). */
public sealed interface SaslStep {
  /** Sends these octets, and waits for an answer. */
  record Challenge(byte[] octets) implements SaslStep {}

  /** Sends these octets, which say why: whatever the client answers, it has failed (RFC 7628 §3.2.3). */
  record Rebuff(byte[] octets, Failure failure) implements SaslStep {}

  /** The client is who it says. */
  record Success(Identity identity) implements SaslStep {}

  /**
   * The exchange is over.
   *
   * @param why the reason; clients are told less
   * @param login whom the client named, prepared; empty when it has not come so far
   */
  record Failure(Why why, String login) implements SaslStep {}

  /** Why an exchange failed. */
  enum Why {
    /** Name or secret are wrong, or the account is disabled: nobody outside learns which. */
    CREDENTIALS,
    /** The secret is right, but this login may not act as the one that it asked for. */
    AUTHORIZATION,
    /** The mechanism does not have it so. */
    MALFORMED,
    /** An initial response, where the server speaks first. */
    SPOKE_FIRST,
    /** So many guesses at this login that nobody may try for a while. */
    BANNED,
    /** So many logins at once that this one waited too long for its turn. */
    BUSY,
    /** What we ask about logins does not answer. */
    UNAVAILABLE
  }

  /** Returns a failure before the client has named anybody. */
  static SaslStep malformed() {
    return new Failure(Why.MALFORMED, "");
  }
}
