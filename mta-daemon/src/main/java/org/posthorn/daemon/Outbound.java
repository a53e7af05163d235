package org.posthorn.daemon;

import java.time.InstantSource;
import java.io.IOException;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.posthorn.daemon.config.Configuration;
import org.posthorn.daemon.inbound.LocalUsers;
import org.posthorn.delivery.RoutedDelivery;
import org.posthorn.delivery.Reversed;
import org.posthorn.delivery.Router;
import org.posthorn.delivery.Visitor;
import org.posthorn.delivery.Visits;
import org.posthorn.delivery.mailbox.MailboxDelivery;
import org.posthorn.delivery.tls.OutboundTls;
import org.posthorn.delivery.tls.TlsCounters;
import org.posthorn.dns.MailResolver;
import org.posthorn.queue.Attempt;
import org.posthorn.queue.Delivery;
import org.posthorn.queue.DeliveryTask;
import org.posthorn.queue.Destination;
import org.posthorn.smtp.AddressLiteral;
import org.posthorn.smtp.Domain;
import org.posthorn.smtp.MailHost;
import org.posthorn.smtp.Mailbox;

/** The way out under one set of settings. It ends when it was retired and its last lane and visit are over. */
final class Outbound {
  private final Router router;
  private final RoutedDelivery delivery;
  private final MailboxDelivery mailboxes;
  private int uses; // lanes and visits; guarded by this
  private boolean isRetired; // guarded by this

  Outbound(Configuration settings, MailResolver resolver, TlsCounters counters, Visits visits, InstantSource clock,
      RandomGenerator random) {
    var users = settings.inbound().settings().local().users();
    mailboxes = new MailboxDelivery(settings.mailboxes(), (user, host) -> hasMailbox(users, user, host),
        settings.hostname().name(), clock, random);
    router = new Router(settings::routes, resolver, settings.delivery());
    delivery = new RoutedDelivery(router, settings.delivery(),
        new OutboundTls(settings.delivery().tls().authorities(), clock, counters), mailboxes::open, visits, clock);
  }

  private static boolean hasMailbox(LocalUsers users, String user, MailHost host) {
    return switch (host) {
      case Domain domain -> users.find(user, domain).isPresent();
      case AddressLiteral _ -> false; // the relay policy has put a domain in its place
    };
  }

  Router router() {
    return router;
  }

  Destination destinationOf(Mailbox recipient) {
    return delivery.destinationOf(recipient);
  }

  /** Opens a lane that keeps these settings alive until it is closed; empty once they are retired. */
  synchronized Optional<Delivery.Lane> open(Destination destination) {
    if (isRetired) {
      return Optional.empty();
    }
    var lane = delivery.open(destination);
    uses++;
    return Optional.of(new CountedLane(lane));
  }

  /** Keeps these settings alive until {@link #release}; false once they are retired. */
  synchronized boolean hold() {
    if (isRetired) {
      return false;
    }
    uses++;
    return true;
  }

  /** Says hello to a server that has come for its mail; throws IOException when it is of no use. */
  Visitor receive(Reversed reversed, Set<Destination> destinations) throws IOException {
    return delivery.receive(reversed, destinations);
  }

  /** Lets these settings end as soon as nothing needs them. */
  synchronized void retire() {
    isRetired = true;
    endWhenUnused();
  }

  /** Ends a use of these settings. */
  synchronized void release() {
    uses--;
    endWhenUnused();
  }

  /** Whether these settings have ended. */
  synchronized boolean isOver() {
    return isRetired && uses == 0;
  }

  private void endWhenUnused() {
    if (isOver()) {
      delivery.close();
      mailboxes.close();
    }
  }

  private final class CountedLane implements Delivery.Lane {
    private final Delivery.Lane lane;

    CountedLane(Delivery.Lane lane) {
      this.lane = lane;
    }

    @Override
    public Attempt deliver(DeliveryTask task) throws InterruptedException {
      return lane.deliver(task);
    }

    @Override
    public void close() {
      try {
        lane.close();
      } finally {
        release();
      }
    }
  }
}
