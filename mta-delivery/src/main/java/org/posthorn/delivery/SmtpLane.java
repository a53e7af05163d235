package org.posthorn.delivery;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.util.Optional;
import org.posthorn.queue.Attempt;
import org.posthorn.queue.Delivery;
import org.posthorn.queue.DeliveryTask;
import org.posthorn.queue.Outcome;
import org.posthorn.smtp.Reply;

/**
 * Transactions with the servers of one route, by SMTP or LMTP. The connection is kept from one task to the next; when it cannot
 * be used, the servers are tried in order until one has settled all recipients or there is none left. Used by one thread.
 */
final class SmtpLane implements Delivery.Lane {
  private final Route route;
  private final Protocol protocol;
  private final Router router;
  private final DeliverySettings settings;
  private final Watchdog watchdog;
  private Optional<SmtpConnection> kept = Optional.empty();

  SmtpLane(Route route, Protocol protocol, Router router, DeliverySettings settings, Watchdog watchdog) {
    this.route = route;
    this.protocol = protocol;
    this.router = router;
    this.settings = settings;
    this.watchdog = watchdog;
  }

  @Override
  public Attempt deliver(DeliveryTask task) throws InterruptedException {
    var ledger = new Ledger(task.recipients());
    var walk = router.walk(route);
    try {
      walk(new MessageForm(task), walk, ledger);
    } catch (InterruptedException e) {
      if (!ledger.hasSettled()) {
        throw e;
      }
      ledger.settleAll(FailurePolicy.interrupted()); // who has the message already must not get it again
    }
    return ledger.close(walk.obstacles());
  }

  private void walk(MessageForm form, HostWalk walk, Ledger ledger) throws InterruptedException {
    var reused = takeKept();
    if (reused.isPresent()) {
      converse(reused.get(), form, ledger);
    }
    while (ledger.hasOpen()) {
      var peer = walk.next();
      if (peer.isEmpty()) {
        break;
      }
      var connection = open(peer.get(), ledger);
      if (connection.isPresent()) {
        converse(connection.get(), form, ledger);
      }
    }
  }

  @Override
  public void close() {
    kept.ifPresent(SmtpConnection::quit);
    kept = Optional.empty();
  }

  private Optional<SmtpConnection> takeKept() {
    var connection = kept;
    kept = Optional.empty();
    if (connection.isPresent() && !connection.get().isReusable(settings.maxMessages())) {
      connection.get().leave();
      return Optional.empty();
    }
    return connection;
  }

  /** Returns a connection that is ready for a transaction; empty, with an obstacle in the ledger, when there is none. */
  private Optional<SmtpConnection> open(Peer peer, Ledger ledger) throws InterruptedException {
    SmtpConnection connection;
    try {
      connection = SmtpConnection.connect(peer, protocol, settings.timeouts(), watchdog);
    } catch (IOException e) {
      throwIfInterrupted();
      ledger.addObstacle(FailurePolicy.lost(Stage.CONNECT, e, peer.remote()));
      return Optional.empty();
    }
    try {
      Reply reply = connection.greet(settings.hostname());
      if (reply.isPositive()) {
        return Optional.of(connection);
      }
      ledger.addObstacle(refusal(connection.stage(), reply, peer));
      connection.leave();
    } catch (IOException e) {
      connection.close();
      throwIfInterrupted();
      ledger.addObstacle(FailurePolicy.lost(connection.stage(), e, peer.remote()));
    }
    return Optional.empty();
  }

  private Outcome refusal(Stage stage, Reply reply, Peer peer) {
    var refused = FailurePolicy.refused(stage, reply, peer.remote());
    return switch (route) {
      case Route.Smtp _,Route.Lmtp _,Route.LmtpSocket _ -> FailurePolicy.ofConfiguredHop(refused);
      case Route.Mx _,Route.Direct _,Route.Local _ -> refused;
    };
  }

  /** Runs transactions until the server has settled all that it will; keeps the connection if it can be used again. */
  private void converse(SmtpConnection connection, MessageForm form, Ledger ledger) throws InterruptedException {
    try {
      int before = Integer.MAX_VALUE;
      while (ledger.hasOpen() && ledger.open().size() < before && connection.isReusable(Integer.MAX_VALUE)) {
        before = ledger.open().size();
        var outgoing = form.fit(connection, ledger);
        if (!outgoing.recipients().isEmpty()) {
          new Transaction(connection, outgoing, ledger).run();
        }
      }
      keepIf(!ledger.hasOpen(), connection);
    } catch (IOException e) {
      connection.close();
      throwIfInterrupted();
      noteLoss(connection, e, ledger);
    }
  }

  private static void noteLoss(SmtpConnection connection, IOException e, Ledger ledger) {
    if (connection.wasDead() && !(e instanceof SocketTimeoutException)) {
      return; // it may be closed at any time between two tasks, which is nobody's failure
    }
    var outcome = FailurePolicy.lost(connection.stage(), e, connection.remote());
    if (e instanceof UnreadableContent) {
      ledger.settleAll(outcome); // no other server can help
    } else if (connection.mayHaveMessage() && !(e instanceof ServerClosing)) {
      ledger.settleAll(outcome); // another server would perhaps be the second to take it
      ledger.noteUnreached();
    } else {
      ledger.addObstacle(outcome);
    }
  }

  /**
   * Keeps the connection, unless its server cannot take all of the message and makes room for the next. What was delivered
   * is not reported before this returns, so no goodbye is waited for here.
   */
  private void keepIf(boolean isSuited, SmtpConnection connection) {
    if (isSuited) {
      connection.rest();
      kept = Optional.of(connection);
    } else {
      connection.leave();
    }
  }

  /** A thread that is interrupted while it waits for a socket finds it closed, like one whose peer has gone. */
  private static void throwIfInterrupted() throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException("interrupted while a server was waited for");
    }
  }
}
