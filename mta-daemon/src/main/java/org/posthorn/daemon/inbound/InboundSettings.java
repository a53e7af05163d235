package org.posthorn.daemon.inbound;

import org.posthorn.daemon.auth.AuthSettings;
import org.posthorn.smtp.Domain;

/**
 * All that receiving mail depends on. A change applies to sessions that begin after it.
 *
 * @param hostname our name in the greeting, EHLO and {@code Received:}
 * @param connections bounds of what all clients together and each of them may hold
 * @param session how a session behaves
 * @param message bounds of one message
 * @param relay who may send where
 * @param auth who may log in
 * @param submission what who logs in may send
 * @param local the mailboxes here
 * @param extensions what clients may ask for beyond that
 */
public record InboundSettings(Domain hostname, ConnectionLimits connections, SessionSettings session,
    MessageLimits message, RelaySettings relay, AuthSettings auth, SubmissionSettings submission,
    LocalSettings local, ExtensionSettings extensions) {
  /** Returns the same with other bounds of connections. */
  public InboundSettings with(ConnectionLimits other) {
    return new InboundSettings(hostname, other, session, message, relay, auth, submission, local, extensions);
  }

  /** Returns the same with other sessions. */
  public InboundSettings with(SessionSettings other) {
    return new InboundSettings(hostname, connections, other, message, relay, auth, submission, local, extensions);
  }

  /** Returns the same for other clients to send. */
  public InboundSettings with(RelaySettings other) {
    return new InboundSettings(hostname, connections, session, message, other, auth, submission, local, extensions);
  }

  /** Returns the same for other users to log in. */
  public InboundSettings with(AuthSettings other) {
    return new InboundSettings(hostname, connections, session, message, relay, other, submission, local, extensions);
  }

  /** Returns the same with other rules for who logs in. */
  public InboundSettings with(SubmissionSettings other) {
    return new InboundSettings(hostname, connections, session, message, relay, auth, other, local, extensions);
  }

  /** Returns the same with other mailboxes. */
  public InboundSettings with(LocalSettings other) {
    return new InboundSettings(hostname, connections, session, message, relay, auth, submission, other, extensions);
  }

  /** Returns the same with other things to ask for. */
  public InboundSettings with(ExtensionSettings other) {
    return new InboundSettings(hostname, connections, session, message, relay, auth, submission, local, other);
  }
}
