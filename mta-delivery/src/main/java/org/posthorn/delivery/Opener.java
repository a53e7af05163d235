package org.posthorn.delivery;

import java.io.IOException;
import java.util.Optional;
import org.posthorn.delivery.tls.OutboundTls;
import org.posthorn.delivery.tls.TlsLevel;
import org.posthorn.queue.Outcome;
import org.posthorn.smtp.Capabilities.Extension;
import org.posthorn.smtp.Reply;

/** Opens connections on which a transaction can begin: greeted, and encrypted as the policy for the host has it. One thread. */
final class Opener {
  private final Route route;
  private final Protocol protocol;
  private final DeliverySettings settings;
  private final OutboundTls tls;
  private final Watchdog watchdog;

  Opener(Route route, Protocol protocol, DeliverySettings settings, OutboundTls tls, Watchdog watchdog) {
    this.route = route;
    this.protocol = protocol;
    this.settings = settings;
    this.tls = tls;
    this.watchdog = watchdog;
  }

  /** Returns a connection to {@code peer}; empty, with an obstacle in the ledger, when there is none to be had. */
  Optional<SmtpConnection> open(Peer peer, HostPolicy policy, Ledger ledger) throws InterruptedException {
    var objection = policy.objection(peer);
    if (objection.isPresent()) {
      ledger.addObstacle(objection.get());
      return Optional.empty();
    }
    boolean wantsTls = policy.level().isDemanded()
        || (policy.level() == TlsLevel.OPPORTUNISTIC && tls.isWorthATry(peer.host()));
    try {
      return open(peer, policy, wantsTls, ledger);
    } catch (HandshakeException e) {
      if (policy.allowsClearText()) { // RFC 7435 §3: what is offered and broken must not stop mail that needs none
        tls.giveUp(peer.host(), peer.where(), e);
        return openInClear(peer, policy, ledger);
      }
      ledger.addObstacle(FailurePolicy.handshakeFailed(e, peer.remote(), policy.isPromised()));
      return Optional.empty();
    }
  }

  private Optional<SmtpConnection> openInClear(Peer peer, HostPolicy policy, Ledger ledger)
      throws InterruptedException {
    try {
      return open(peer, policy, false, ledger);
    } catch (HandshakeException e) {
      throw new IllegalStateException("a handshake that nobody asked for", e);
    }
  }

  private Optional<SmtpConnection> open(Peer peer, HostPolicy policy, boolean wantsTls, Ledger ledger)
      throws InterruptedException, HandshakeException {
    SmtpConnection connection;
    try {
      connection = SmtpConnection.connect(peer, protocol, settings.timeouts(), watchdog);
    } catch (IOException e) {
      throwIfInterrupted();
      ledger.addObstacle(FailurePolicy.lost(Stage.CONNECT, e, peer.remote()));
      return Optional.empty();
    }
    try {
      var obstacle = begin(connection, policy, wantsTls);
      if (obstacle.isEmpty()) {
        return Optional.of(connection);
      }
      ledger.addObstacle(obstacle.get());
      connection.leave();
    } catch (HandshakeException e) {
      connection.close();
      throwIfInterrupted();
      throw e;
    } catch (IOException e) {
      connection.close();
      throwIfInterrupted();
      ledger.addObstacle(FailurePolicy.lost(connection.stage(), e, connection.remote()));
    } catch (RuntimeException | Error e) {
      connection.close();
      throw e;
    }
    return Optional.empty();
  }

  /** Brings the dialogue to where a transaction can begin; returns why it cannot. */
  private Optional<Outcome> begin(SmtpConnection connection, HostPolicy policy, boolean wantsTls) throws IOException {
    Reply hello = connection.greet(settings.hostname());
    if (hello.isPositive() && wantsTls && connection.capabilities().has(Extension.STARTTLS)) {
      Reply start = connection.startTls(tls);
      if (start.isPositive()) {
        hello = connection.hello(settings.hostname()); // RFC 3207 §4.2
      } else if (!policy.allowsClearText()) {
        return Optional.of(FailurePolicy.startTlsRefused(start, connection.remote(), policy.isPromised()));
      }
    }
    return hello.isPositive()
        ? policy.objection(connection)
        : Optional.of(refusal(connection.stage(), hello, connection));
  }

  private Outcome refusal(Stage stage, Reply reply, SmtpConnection connection) {
    var refused = FailurePolicy.refused(stage, reply, connection.remote());
    return switch (route) {
      case Route.Smtp _,Route.Lmtp _,Route.LmtpSocket _ -> FailurePolicy.ofConfiguredHop(refused);
      case Route.Mx _,Route.Direct _,Route.Local _,Route.OnDemand _ -> refused;
    };
  }

  /** A thread that is interrupted while it waits for a socket finds it closed, like one whose peer has gone. */
  static void throwIfInterrupted() throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException("interrupted while a server was waited for");
    }
  }
}
