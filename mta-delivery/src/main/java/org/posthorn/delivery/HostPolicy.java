package org.posthorn.delivery;

import java.util.Optional;
import org.posthorn.delivery.tls.TlsLevel;
import org.posthorn.queue.Outcome;
import org.posthorn.smtp.Capabilities.Extension;

/**
 * What TLS the connection to one host must have before a message goes over it.
 *
 * @param level what the settings ask for, or the sender
 * @param isPromised whether the host must promise to protect the message on its further way too: REQUIRETLS (RFC 8689)
 * @param isNameSure whether nobody can have put another host in the place of this one
 */
record HostPolicy(TlsLevel level, boolean isPromised, boolean isNameSure) {
  /** Returns why a message must not even be offered to {@code peer}. */
  Optional<Outcome> objection(Peer peer) {
    return isPromised && !isNameSure ? Optional.of(FailurePolicy.unsureName(peer.remote())) : Optional.empty();
  }

  /** Whether mail goes in clear text rather than not at all. */
  boolean allowsClearText() {
    return !level.isDemanded();
  }

  /** Returns why a message must not go over {@code connection}, which has said hello. */
  Optional<Outcome> objection(SmtpConnection connection) {
    var unsure = objection(connection.peer());
    if (unsure.isPresent()) {
      return unsure;
    }
    var tls = connection.tls();
    if (tls.isEmpty() && level.isDemanded()) {
      return Optional.of(FailurePolicy.notEncrypted(connection.remote(), isPromised));
    }
    if (level == TlsLevel.VERIFY && tls.isPresent() && !tls.get().isVerified()) {
      return tls.get().doubt().map(doubt -> FailurePolicy.unverified(doubt, connection.remote(), isPromised));
    }
    return isPromised && !connection.capabilities().has(Extension.REQUIRETLS)
        ? Optional.of(FailurePolicy.promisesNothing(connection.remote()))
        : Optional.empty();
  }
}
