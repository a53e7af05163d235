package org.posthorn.delivery;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import org.posthorn.delivery.tls.Authorities;
import org.posthorn.delivery.tls.OutboundTls;
import org.posthorn.delivery.tls.TlsCounters;
import org.posthorn.delivery.tls.TlsLevel;
import org.posthorn.delivery.tls.TlsSettings;
import org.posthorn.dns.FixedResolver;
import org.posthorn.queue.Attempt;
import org.posthorn.queue.Delivery;
import org.posthorn.queue.Destination;
import org.posthorn.queue.Outcome;
import org.posthorn.queue.RecipientNumber;
import org.posthorn.smtp.AddressLiteral;
import org.posthorn.smtp.Domain;

/** The delivery side, set up for a test: the host {@code client.origin.example}. */
final class Outbound implements AutoCloseable {
  static final Domain HOSTNAME = Domain.of("client.origin.example");

  /** When everything is delivered. */
  static final Instant NOW = Instant.parse("2026-11-22T08:00:00Z");

  private final RoutedDelivery delivery;

  private Outbound(RoutedDelivery delivery) {
    this.delivery = delivery;
  }

  /** Delivers with long time limits. */
  static Outbound patient() {
    return with(new FixedResolver(), ClientTimeouts.all(Duration.ofSeconds(60)));
  }

  static Outbound with(ClientTimeouts timeouts) {
    return with(new FixedResolver(), timeouts);
  }

  static Outbound with(FixedResolver resolver, ClientTimeouts timeouts) {
    return with(resolver, settings(timeouts, DeliverySettings.SMTP_PORT));
  }

  static Outbound with(FixedResolver resolver, DeliverySettings settings) {
    return with(resolver, settings, new Visits(InstantSource.fixed(NOW)));
  }

  /** Delivers to those who {@code visits} knows to be there. */
  static Outbound with(DeliverySettings settings, Visits visits) {
    return with(new FixedResolver(), settings, visits);
  }

  private static Outbound with(FixedResolver resolver, DeliverySettings settings, Visits visits) {
    var router = new Router(() -> new Routes(List.of(), Set.of()), resolver, settings);
    return new Outbound(new RoutedDelivery(router, settings, tls(settings), () -> {
      throw new IllegalStateException("no mailboxes here");
    }, visits, InstantSource.fixed(NOW)));
  }

  static DeliverySettings settings(ClientTimeouts timeouts, int port) {
    return settings(timeouts, port, TlsLevel.OPPORTUNISTIC, Authorities.OF_SYSTEM);
  }

  static DeliverySettings settings(ClientTimeouts timeouts, int port, TlsLevel tls, Authorities authorities) {
    return new DeliverySettings(HOSTNAME, new Ourselves(Set.of(HOSTNAME), List.of()), port,
        DeliverySettings.MAX_MESSAGES, timeouts, new TlsSettings(tls, authorities));
  }

  private static OutboundTls tls(DeliverySettings settings) {
    return new OutboundTls(settings.tls().authorities(), InstantSource.system(), new TlsCounters());
  }

  /** Returns the route straight to {@code server}. */
  static Route to(InetSocketAddress server) {
    return new Route.Smtp(new AddressLiteral(server.getAddress()), server.getPort());
  }

  /** Delivers by a lane of its own, which says goodbye. */
  Attempt deliver(Mail mail, Route route) throws InterruptedException {
    try (var lane = open(route)) {
      return lane.deliver(mail.task(route));
    }
  }

  Delivery.Lane open(Route route) {
    return delivery.open(route.destination());
  }

  /** Receives a server that has come for the mail of {@code destinations}. */
  Visitor receive(Reversed reversed, Set<Destination> destinations) throws IOException {
    return delivery.receive(reversed, destinations);
  }

  /** Returns what became of recipient {@code number}, counted from 0. */
  static Outcome outcome(Attempt attempt, int number) {
    var outcome = attempt.outcomes().get(new RecipientNumber(number));
    if (outcome == null) {
      throw new AssertionError("no outcome for recipient " + number + ": " + attempt);
    }
    return outcome;
  }

  @Override
  public void close() {
    delivery.close();
  }
}
