package org.posthorn.delivery;

import java.io.IOException;
import java.time.InstantSource;
import java.util.Set;
import java.util.function.Supplier;
import org.posthorn.delivery.tls.OutboundTls;
import org.posthorn.queue.Delivery;
import org.posthorn.queue.Destination;
import org.posthorn.smtp.Mailbox;

/** Delivers to wherever the routes in force say: the way out of the queue. Safe for use by many threads. */
public final class RoutedDelivery implements Delivery, AutoCloseable {
  private final Router router;
  private final DeliverySettings settings;
  private final OutboundTls tls;
  private final Supplier<Lane> mailboxes;
  private final Visits visits;
  private final InstantSource clock;
  private final Watchdog watchdog;

  /**
   * Delivers by {@code router}; {@code mailboxes} opens a lane to the mailboxes of this machine, {@code visits} knows which
   * servers have come for their mail.
   */
  public RoutedDelivery(Router router, DeliverySettings settings, OutboundTls tls, Supplier<Lane> mailboxes,
      Visits visits, InstantSource clock) {
    this.visits = visits;
    this.router = router;
    this.settings = settings;
    this.tls = tls;
    this.mailboxes = mailboxes;
    this.clock = clock;
    this.watchdog = new Watchdog(settings.timeouts().shortest());
  }

  @Override
  public Destination destinationOf(Mailbox recipient) {
    return router.route(recipient).destination();
  }

  @Override
  public Lane open(Destination destination) {
    Route route = Route.of(destination);
    return switch (route) {
      case Route.Local _ -> mailboxes.get();
      case Route.OnDemand _ -> new VisitLane(destination, visits, new TlsPolicies(route, router), settings, clock);
      case Route.Mx _,Route.Direct _,Route.Smtp _ -> lane(route, Protocol.SMTP);
      case Route.Lmtp _,Route.LmtpSocket _ -> lane(route, Protocol.LMTP);
    };
  }

  /**
   * Says hello to a server that has come for the mail of {@code destinations}, and delivers over its connection until the
   * visitor is closed. Throws IOException when it is of no use.
   */
  public Visitor receive(Reversed reversed, Set<Destination> destinations) throws IOException {
    var connection = SmtpConnection.over(reversed, settings.timeouts(), watchdog);
    try {
      return Visitor.receive(connection, settings.hostname(), visits, destinations);
    } catch (IOException e) {
      connection.close();
      throw e;
    }
  }

  /** Ends the time limits of connections; to be called when no lane is in use any more. */
  @Override
  public void close() {
    watchdog.close();
  }

  private Lane lane(Route route, Protocol protocol) {
    return new SmtpLane(route, router, settings, new Opener(route, protocol, settings, tls, watchdog), clock);
  }
}
