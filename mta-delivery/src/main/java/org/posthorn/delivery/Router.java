package org.posthorn.delivery;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.posthorn.delivery.tls.TlsLevel;
import org.posthorn.dns.MailResolver;
import org.posthorn.queue.DeliveryTask;
import org.posthorn.queue.Outcome;
import org.posthorn.smtp.Mailbox;

/** Says where mail goes: by the routes in force, then by the DNS. Safe for use by many threads. */
public final class Router {
  private final Supplier<Routes> routes;
  private final MailResolver resolver;
  private final DeliverySettings settings;

  /** Asks {@code routes} for the routes in force each time, so that a reload applies at once. */
  public Router(Supplier<Routes> routes, MailResolver resolver, DeliverySettings settings) {
    this.routes = routes;
    this.resolver = resolver;
    this.settings = settings;
  }

  /** Returns where mail for {@code recipient} goes; no I/O. */
  public Route route(Mailbox recipient) {
    return routes.get().route(recipient.host());
  }

  /** Returns how much TLS the settings ask for on the way of {@code task}: its recipients may have several routes to one place. */
  TlsLevel tls(DeliveryTask task) {
    var inForce = routes.get();
    if (!inForce.saysTls()) {
      return settings.tls().level();
    }
    var envelope = task.message().envelope();
    return task.recipients()
        .stream()
        .map(recipient -> inForce.rule(envelope.recipient(recipient).address().host())
            .flatMap(Routes.Rule::tls)
            .orElse(settings.tls().level()))
        .reduce(TlsLevel.OFF, TlsLevel::or);
  }

  /** Whether the mail hosts that the DNS names are believed to be those of the domain. */
  boolean trustsMailHosts() {
    return settings.tls().trustsMailHosts();
  }

  /** Begins the walk along the servers of {@code route}, which is not {@link Route.Local}. */
  HostWalk walk(Route route) {
    return new HostWalk(route, resolver, settings);
  }

  /** Looks up all that a delivery to {@code recipient} would, and says why. */
  public RouteExplanation explain(Mailbox recipient) throws InterruptedException {
    var inForce = routes.get();
    var route = inForce.route(recipient.host());
    String why = switch (route) {
      case Route.Local _ -> recipient.host() + " is a local domain";
      case Route.OnDemand _ -> "its server comes for it"; // the rule for that stands in no [[route]]
      case Route.Direct _,Route.Mx _,Route.Smtp _,Route.Lmtp _,Route.LmtpSocket _ -> inForce.rule(recipient.host())
          .map(rule -> "the route for " + rule.pattern() + " says so")
          .orElse(route instanceof Route.Direct
              ? "it is an address"
              : "there is no route for it: to the MX of the domain");
    };
    if (route instanceof Route.Local || route instanceof Route.OnDemand) {
      return new RouteExplanation(route, why, List.of(), List.of());
    }
    var walk = walk(route);
    var servers = new ArrayList<RouteExplanation.Server>();
    for (var peer = walk.next(); peer.isPresent(); peer = walk.next()) {
      servers.add(new RouteExplanation.Server(peer.get().host().toString(), peer.get().where()));
    }
    return new RouteExplanation(route, why, servers,
        walk.obstacles().stream().map(Outcome::diagnostic).toList());
  }
}
