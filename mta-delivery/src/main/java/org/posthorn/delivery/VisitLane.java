package org.posthorn.delivery;

import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.posthorn.delivery.Visits.Use;
import org.posthorn.delivery.tls.TlsLevel;
import org.posthorn.queue.Attempt;
import org.posthorn.queue.Delivery;
import org.posthorn.queue.DeliveryTask;
import org.posthorn.queue.Destination;
import org.posthorn.queue.Outcome.Diagnostic;
import org.posthorn.queue.Outcome;

/** Transactions with a server that comes for its mail (RFC 2645), while it is there. Used by one thread. */
final class VisitLane implements Delivery.Lane {
  private static final Outcome NOT_HERE = new Outcome.Deferred(
      Diagnostic.ours("4.4.1", "waits until its server comes for it"));

  private final Destination destination;
  private final Visits visits;
  private final TlsPolicies policies;
  private final DeliverySettings settings;
  private final InstantSource clock;

  VisitLane(Destination destination, Visits visits, TlsPolicies policies, DeliverySettings settings,
      InstantSource clock) {
    this.destination = destination;
    this.visits = visits;
    this.policies = policies;
    this.settings = settings;
    this.clock = clock;
  }

  @Override
  public Attempt deliver(DeliveryTask task) throws InterruptedException {
    var ledger = new Ledger(task.recipients());
    return ledger.attempt(task.message().id(), () -> converse(task, ledger), () -> List.of(NOT_HERE));
  }

  private void converse(DeliveryTask task, Ledger ledger) throws InterruptedException {
    var connection = visits.enter(destination);
    if (connection.isPresent()) {
      boolean isOfUse = false;
      try {
        isOfUse = deliver(task, connection.get(), ledger);
      } finally {
        visits.leave(destination, Use.of(ledger.hasDelivered(), isOfUse));
      }
    }
  }

  /** Returns whether the connection can be used again. */
  private boolean deliver(DeliveryTask task, SmtpConnection connection, Ledger ledger) throws InterruptedException {
    var objection = objection(policies.of(task, connection.peer()), connection);
    if (objection.isPresent()) {
      ledger.settleAll(objection.get());
      return true;
    }
    return Conversation.hold(connection, new MessageForm(task, clock, settings.fields()), ledger);
  }

  /** What its TLS lacks the server can mend before it comes again, so nothing is returned for that. */
  private static Optional<Outcome> objection(HostPolicy policy, SmtpConnection connection) {
    var tls = connection.tls();
    if (tls.isEmpty() && !policy.allowsClearText()) {
      return Optional.of(FailurePolicy.cameInClear(connection.remote()));
    }
    var doubt = tls.flatMap(facts -> facts.doubt()).filter(_ -> policy.level() == TlsLevel.VERIFY);
    return doubt.isPresent()
        ? Optional.of(FailurePolicy.unverified(doubt.get(), connection.remote(), false))
        : policy.objection(connection);
  }

  @Override
  public void close() {
    // the connection is not ours
  }
}
