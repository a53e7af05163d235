package org.posthorn.daemon;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import org.posthorn.daemon.auth.Mechanism;
import org.posthorn.daemon.inbound.Client;
import org.posthorn.daemon.inbound.Turned;
import org.posthorn.daemon.inbound.WaitingMail;
import org.posthorn.delivery.Reversed;
import org.posthorn.delivery.Visitor;
import org.posthorn.delivery.Visits;
import org.posthorn.queue.Destination;
import org.posthorn.queue.QueueControl;
import org.posthorn.queue.QueueEntry;
import org.posthorn.queue.QueueFilter;
import org.posthorn.queue.RemoteTls;
import org.posthorn.smtp.AddressLiteral;
import org.posthorn.smtp.Domain;
import org.posthorn.smtp.Mailbox;
import org.posthorn.smtp.Printable;
import org.posthorn.smtp.QueueNode;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/** The queue, for servers that ask for their mail. One looks through it at a time. Safe for use by many threads. */
final class QueueOnDemand implements WaitingMail {
  private static final Duration LOOK_AGAIN = Duration.ofMillis(100);
  /** Each start reopens a site that did not answer: whoever asks all the time must not undo its back-off. */
  private static final Duration PAUSE = Duration.ofMinutes(1);
  private static final Logger log = LoggerFactory.getLogger(QueueOnDemand.class);

  private final QueueControl queue;
  private final CurrentDelivery delivery;
  private final Visits visits;
  private final InstantSource clock;
  private final ReentrantLock turn = new ReentrantLock();
  private final Map<QueueNode, Instant> started = new HashMap<>(); // within the last pause; guarded by the lock

  QueueOnDemand(QueueControl queue, CurrentDelivery delivery, Visits visits, InstantSource clock) {
    this.queue = queue;
    this.delivery = delivery;
    this.visits = visits;
    this.clock = clock;
  }

  @Override
  public boolean waitsFor(Set<Domain> domains) {
    return domains.stream().anyMatch(domain -> queue.retry(of(domain.name()), QueueControl.Mode.DRY_RUN) > 0);
  }

  @Override
  public boolean isVisited(Set<Domain> domains) {
    return visits.isVisited(destinations(domains));
  }

  @Override
  public void deliver(Set<Domain> domains, Turned connection) {
    var outbound = delivery.hold(); // a reload must not take its time limits away
    try {
      deliver(domains, connection, outbound);
    } finally {
      outbound.release();
    }
  }

  private void deliver(Set<Domain> domains, Turned connection, Outbound outbound) {
    var host = new AddressLiteral(connection.client().address());
    var reversed = new Reversed(host, connection.address(), tls(connection.client()), connection.in(),
        connection.out(), connection.socket());
    var destinations = destinations(domains);
    try (var visitor = outbound.receive(reversed, destinations)) {
      event(visitor.visit(), domains).log("visit began");
      Optional<String> reason;
      do {
        domains.forEach(domain -> queue.retry(of(domain.name()), QueueControl.Mode.ACT));
        reason = serve(visitor, connection, destinations);
      } while (reason.isEmpty() && visitor.takePutOff());
      var visit = visitor.visit();
      event(visit, domains).addKeyValue("messages", visit.messages())
          .addKeyValue("seconds", Duration.between(visit.since(), clock.instant()).toSeconds())
          .addKeyValue("reason", reason.orElse("done"))
          .log("visit ended");
    } catch (IOException e) {
      log.atInfo()
          .addKeyValue("relay", host)
          .addKeyValue("domains", domains)
          .addKeyValue("reason", Printable.of(String.valueOf(e.getMessage())))
          .log("visit failed");
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt(); // shutting down: what was not sent stays in the queue
    }
  }

  /** Waits while mail goes to {@code visitor}; returns why no more can. */
  private Optional<String> serve(Visitor visitor, Turned connection, Set<Destination> destinations)
      throws InterruptedException {
    while (destinations.stream().anyMatch(queue::isBusy)) {
      if (!connection.isOpen().getAsBoolean() || visitor.awaitGone(LOOK_AGAIN)) {
        return Optional.of("connection lost");
      }
      if (visitor.isIdle()) {
        return Optional.of("idle");
      }
    }
    return Optional.empty();
  }

  private static LoggingEventBuilder event(Visits.Visit visit, Set<Domain> domains) {
    var event = log.atInfo().addKeyValue("relay", visit.server()).addKeyValue("domains", domains);
    return visit.server()
        .tls()
        .map(tls -> event.addKeyValue("tls", tls.version())
            .addKeyValue("cipher", tls.cipher())
            .addKeyValue("verified", tls.isVerified() ? "yes" : "no"))
        .orElse(event);
  }

  /** A login stands for a certificate when it holds for this connection only: then nobody passes it on from another. */
  private static Optional<RemoteTls> tls(Client client) {
    boolean isBound = client.identity()
        .flatMap(identity -> Mechanism.named(identity.mechanism()))
        .filter(Mechanism::isBoundToTls)
        .isPresent();
    return client.encryption()
        .map(tls -> new RemoteTls(tls.version(), tls.cipher(), isBound
            ? Optional.empty()
            : Optional.of("its login is not bound to the TLS connection")));
  }

  private Set<Destination> destinations(Set<Domain> domains) {
    return domains.stream()
        .map(domain -> delivery.destinationOf(new Mailbox("postmaster", domain)))
        .collect(Collectors.toSet());
  }

  private static QueueFilter of(String domain) {
    return new QueueFilter(QueueFilter.ALL.ids(), Optional.empty(), Optional.empty(), Optional.of(domain),
        Optional.empty(), Optional.empty());
  }

  @Override
  public OptionalLong start(QueueNode node) {
    turn.lock();
    try {
      var now = clock.instant();
      started.values().removeIf(then -> !now.isBefore(then.plus(PAUSE)));
      if (started.containsKey(node)) {
        return OptionalLong.empty();
      }
      long messages = startNow(node);
      if (messages > 0) {
        started.put(node, now);
      }
      return OptionalLong.of(messages);
    } finally {
      turn.unlock();
    }
  }

  private long startNow(QueueNode node) {
    return switch (node.scope()) {
      case DOMAIN -> queue.retry(of(node.name()), QueueControl.Mode.ACT);
      case SUBDOMAINS -> queue.retry(entry -> domain(entry).filter(node::includes).isPresent());
      case QUEUE -> queue.retry(entry -> entry.listing().destination().name().equals(node.name()));
    };
  }

  private static Optional<Domain> domain(QueueEntry entry) {
    String address = entry.listing().address();
    return Domain.parse(address.substring(address.lastIndexOf('@') + 1));
  }
}
