package org.posthorn.delivery;

import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import org.posthorn.delivery.tls.TlsLevel;
import org.posthorn.queue.DeliveryTask;

/**
 * Says what TLS a message needs on its way to each host of a route. What a domain itself asks of its senders, by DANE (RFC
 * 7672) or MTA-STS (RFC 8461), would be asked for here. Safe for use by many threads.
 */
final class TlsPolicies {
  private static final HostPolicy NONE = new HostPolicy(TlsLevel.OFF, false, true);

  private final Route route;
  private final Router router;

  TlsPolicies(Route route, Router router) {
    this.route = route;
    this.router = router;
  }

  /** Returns the policy for sending {@code task} to {@code peer}. */
  HostPolicy of(DeliveryTask task, Peer peer) {
    if (peer.address() instanceof UnixDomainSocketAddress || isDelivery(peer)) {
      return NONE;
    }
    var envelope = task.message().envelope();
    TlsLevel level = router.tls(task);
    return switch (envelope.handling().tls()) {
      case USUAL -> new HostPolicy(level, false, true);
      // RFC 8689 §5: a bounce is better sent without than dropped.
      case REQUIRED -> envelope.from().isNull()
          ? new HostPolicy(level, false, true)
          : new HostPolicy(TlsLevel.VERIFY, true, isNameSure(peer));
      case WAIVED -> new HostPolicy(waived(level), false, true);
    };
  }

  /** The DNS may be forged, so what it names besides the domain itself is not sure (RFC 8689 §2, §4.2.1). */
  private boolean isNameSure(Peer peer) {
    return switch (route) {
      case Route.Mx(var domain) -> router.trustsMailHosts() || peer.host().equals(domain);
      case Route.Smtp _,Route.Direct _,Route.Lmtp _,Route.LmtpSocket _,Route.Local _,Route.OnDemand _ -> true;
    };
  }

  /** An LMTP server on this machine is a mailbox of ours. */
  private boolean isDelivery(Peer peer) {
    return route instanceof Route.Lmtp && peer.address() instanceof InetSocketAddress address
        && address.getAddress().isLoopbackAddress();
  }

  /** RFC 8689 §4.2.2 speaks of what the recipient's side asks for; a hop that the settings name is our own side. */
  private TlsLevel waived(TlsLevel level) {
    return switch (route) {
      case Route.Mx _,Route.Direct _ -> level.isDemanded() ? TlsLevel.OPPORTUNISTIC : level;
      case Route.Smtp _,Route.Lmtp _,Route.LmtpSocket _,Route.Local _,Route.OnDemand _ -> level;
    };
  }
}
