package org.posthorn.delivery;

import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.posthorn.queue.Attempt;
import org.posthorn.queue.Delivery;
import org.posthorn.queue.DeliveryTask;
import org.posthorn.queue.Destination;
import org.posthorn.queue.Handling.TlsWish;
import org.posthorn.queue.Outcome.Diagnostic;
import org.posthorn.queue.Outcome;

/** Transactions with a server that comes for its mail (RFC 2645), while it is there. Used by one thread. */
final class VisitLane implements Delivery.Lane {
  private static final Outcome NOT_HERE = new Outcome.Deferred(
      Diagnostic.ours("4.4.1", "waits until its server comes for it"));
  private static final Outcome NO_PROMISE = new Outcome.Failed(
      Diagnostic.ours("5.7.30", "REQUIRETLS cannot be kept where the server comes for its mail"));

  private final Destination destination;
  private final Visits visits;
  private final DeliverySettings settings;
  private final InstantSource clock;

  VisitLane(Destination destination, Visits visits, DeliverySettings settings, InstantSource clock) {
    this.destination = destination;
    this.visits = visits;
    this.settings = settings;
    this.clock = clock;
  }

  @Override
  public Attempt deliver(DeliveryTask task) throws InterruptedException {
    var ledger = new Ledger(task.recipients());
    var envelope = task.message().envelope();
    if (envelope.handling().tls() == TlsWish.REQUIRED && !envelope.from().isNull()) {
      ledger.settleAll(NO_PROMISE);
    }
    return ledger.attempt(task.message().id(), () -> converse(task, ledger), () -> List.of(NOT_HERE));
  }

  private void converse(DeliveryTask task, Ledger ledger) throws InterruptedException {
    var connection = ledger.hasOpen() ? visits.enter(destination) : Optional.<SmtpConnection>empty();
    if (connection.isPresent()) {
      boolean isOfUse = false;
      try {
        isOfUse = Conversation.hold(connection.get(), new MessageForm(task, clock, settings.priorityField()), ledger);
      } finally {
        visits.leave(destination, isOfUse);
      }
    }
  }

  @Override
  public void close() {
    // the connection is not ours
  }
}
