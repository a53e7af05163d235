package org.posthorn.delivery;

import java.time.InstantSource;
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
  private final InstantSource clock;
  private final Watchdog watchdog;

  /** Delivers by {@code router}; {@code mailboxes} opens a lane to the mailboxes of this machine. */
  public RoutedDelivery(Router router, DeliverySettings settings, OutboundTls tls, Supplier<Lane> mailboxes,
      InstantSource clock) {
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
      case Route.Mx _,Route.Direct _,Route.Smtp _ -> lane(route, Protocol.SMTP);
      case Route.Lmtp _,Route.LmtpSocket _ -> lane(route, Protocol.LMTP);
    };
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
