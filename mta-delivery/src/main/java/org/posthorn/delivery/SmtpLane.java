package org.posthorn.delivery;

import java.time.InstantSource;
import java.util.Optional;
import org.posthorn.queue.Attempt;
import org.posthorn.queue.Delivery;
import org.posthorn.queue.DeliveryTask;

/**
 * Transactions with the servers of one route, by SMTP or LMTP. The connection is kept from one task to the next; when it cannot
 * be used, the servers are tried in order until one has settled all recipients or there is none left. Used by one thread.
 */
final class SmtpLane implements Delivery.Lane {
  private final Route route;
  private final Router router;
  private final DeliverySettings settings;
  private final InstantSource clock;
  private final Opener opener;
  private final TlsPolicies policies;
  private Optional<SmtpConnection> kept = Optional.empty();

  SmtpLane(Route route, Router router, DeliverySettings settings, Opener opener, InstantSource clock) {
    this.route = route;
    this.router = router;
    this.settings = settings;
    this.clock = clock;
    this.opener = opener;
    this.policies = new TlsPolicies(route, router);
  }

  @Override
  public Attempt deliver(DeliveryTask task) throws InterruptedException {
    var ledger = new Ledger(task.recipients());
    var walk = router.walk(route);
    return ledger.attempt(task.message().id(), () -> walk(task, walk, ledger), walk::obstacles);
  }

  private void walk(DeliveryTask task, HostWalk walk, Ledger ledger) throws InterruptedException {
    var form = new MessageForm(task, clock, settings.fields());
    var reused = takeKept(task);
    if (reused.isPresent()) {
      converse(reused.get(), form, ledger);
    }
    while (ledger.hasOpen()) {
      var peer = walk.next();
      if (peer.isEmpty()) {
        break;
      }
      while (ledger.hasOpen() && visit(peer.get(), task, form, ledger)) {
        // all that the server takes over one connection is with it, and it may take more over the next
      }
    }
  }

  /** Tries a server; returns whether only the limits that it sets kept some recipients from it. */
  private boolean visit(Peer peer, DeliveryTask task, MessageForm form, Ledger ledger) throws InterruptedException {
    int before = ledger.open().size();
    var connection = opener.open(peer, policies.of(task, peer), ledger);
    if (connection.isEmpty()) {
      return false;
    }
    converse(connection.get(), form, ledger);
    return connection.get().limits().isAny() && ledger.open().size() < before;
  }

  @Override
  public void close() {
    kept.ifPresent(SmtpConnection::quit);
    kept = Optional.empty();
  }

  private Optional<SmtpConnection> takeKept(DeliveryTask task) {
    var connection = kept;
    kept = Optional.empty();
    if (connection.isPresent() && !isFit(connection.get(), task)) {
      connection.get().leave();
      return Optional.empty();
    }
    return connection;
  }

  private boolean isFit(SmtpConnection connection, DeliveryTask task) {
    return connection.isReusable(settings.maxMessages())
        && policies.of(task, connection.peer()).objection(connection).isEmpty();
  }

  private void converse(SmtpConnection connection, MessageForm form, Ledger ledger) throws InterruptedException {
    kept = Conversation.hold(connection, form, ledger) ? Optional.of(connection) : Optional.empty();
  }
}
