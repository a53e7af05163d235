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
 * @param handling what clients may ask for beyond delivery
 * @param onDemand whose mail is sent when it is asked for
 * @param consent what the people behind the mailboxes have agreed to
 * @param burl where messages to submit may be fetched
 * @param checkpoint how much is kept of messages that break off
 */
public record InboundSettings(Domain hostname, ConnectionLimits connections, SessionSettings session,
    MessageLimits message, RelaySettings relay, AuthSettings auth, SubmissionSettings submission,
    LocalSettings local, HandlingSettings handling, OnDemandSettings onDemand, ConsentSettings consent,
    BurlSettings burl, CheckpointSettings checkpoint) {
  /** Nothing is kept of messages that break off. */
  public InboundSettings(Domain hostname, ConnectionLimits connections, SessionSettings session, MessageLimits message,
      RelaySettings relay, AuthSettings auth, SubmissionSettings submission, LocalSettings local,
      HandlingSettings handling, OnDemandSettings onDemand, ConsentSettings consent, BurlSettings burl) {
    this(hostname, connections, session, message, relay, auth, submission, local, handling, onDemand, consent, burl,
        CheckpointSettings.DEFAULT);
  }

  /** Lets clients ask for what they may by default. */
  public InboundSettings(Domain hostname, ConnectionLimits connections, SessionSettings session, MessageLimits message,
      RelaySettings relay, AuthSettings auth, SubmissionSettings submission, LocalSettings local) {
    this(hostname, connections, session, message, relay, auth, submission, local, HandlingSettings.DEFAULT,
        OnDemandSettings.DEFAULT);
  }

  /** Nothing special is known of the people here. */
  public InboundSettings(Domain hostname, ConnectionLimits connections, SessionSettings session, MessageLimits message,
      RelaySettings relay, AuthSettings auth, SubmissionSettings submission, LocalSettings local,
      HandlingSettings handling, OnDemandSettings onDemand) {
    this(hostname, connections, session, message, relay, auth, submission, local, handling, onDemand,
        ConsentSettings.DEFAULT, BurlSettings.DEFAULT);
  }
}
