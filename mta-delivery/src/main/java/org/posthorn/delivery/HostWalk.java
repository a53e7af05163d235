package org.posthorn.delivery;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.posthorn.dns.AddressResult;
import org.posthorn.dns.MailResolver;
import org.posthorn.dns.MxResult;
import org.posthorn.dns.MxResult.MxHost;
import org.posthorn.queue.Outcome;
import org.posthorn.smtp.AddressLiteral;
import org.posthorn.smtp.Domain;
import org.posthorn.smtp.MailHost;

/**
 * The servers that one attempt may try, in order (RFC 5321 §5.1). The DNS is asked only as far as the walk goes: for the
 * addresses of one preference at a time. Used by one thread.
 */
final class HostWalk {
  /** How many mail hosts one attempt tries. */
  static final int MAX_HOSTS = 5;
  /** How many addresses of each: one IPv6 and one IPv4, when it has both. */
  static final int MAX_ADDRESSES = 2;

  private final Route route;
  private final MailResolver resolver;
  private final DeliverySettings settings;
  private final List<Outcome> obstacles = new ArrayList<>();
  private final Deque<Peer> ready = new ArrayDeque<>();
  private final Deque<MxHost> unresolved = new ArrayDeque<>();
  private boolean hasBegun;
  private boolean hasFound;
  private int hosts;

  HostWalk(Route route, MailResolver resolver, DeliverySettings settings) {
    this.route = route;
    this.resolver = resolver;
    this.settings = settings;
  }

  /** Returns the next server to try; empty at the end. */
  Optional<Peer> next() throws InterruptedException {
    if (!hasBegun) {
      hasBegun = true;
      begin();
    }
    while (ready.isEmpty() && !unresolved.isEmpty() && hosts < MAX_HOSTS) {
      resolveNextPreference();
    }
    return Optional.ofNullable(ready.poll());
  }

  /** Returns what kept hosts out of the walk so far, such as a missing address. */
  List<Outcome> obstacles() {
    return List.copyOf(obstacles);
  }

  private void begin() throws InterruptedException {
    switch (route) {
      case Route.Mx(var domain) -> {
        MxResult result = resolver.mailHosts(domain);
        FailurePolicy.unresolved(domain, result).ifPresent(obstacles::add);
        if (result instanceof MxResult.Hosts(var mxHosts)) {
          unresolved.addAll(mxHosts);
        }
      }
      case Route.Direct(var literal) -> addOnly(literal, settings.port());
      case Route.Smtp(var host, int port) -> addOnly(host, port);
      case Route.Lmtp(var host, int port) -> addOnly(host, port);
      case Route.LmtpSocket(var path) -> ready.add(new Peer(Domain.of("localhost"), UnixDomainSocketAddress.of(path)));
      case Route.OnDemand _ -> throw new IllegalStateException("nobody connects to who comes for its mail");
      case Route.Local _ -> throw new IllegalStateException("a mailbox of ours has no host");
    }
  }

  private void addOnly(MailHost host, int port) throws InterruptedException {
    List<Peer> peers = peers(host, port);
    obstacles.replaceAll(FailurePolicy::ofConfiguredHop);
    if (peers.stream().anyMatch(this::isOurs)) {
      obstacles.add(FailurePolicy.loop(route.toString()));
    } else {
      ready.addAll(peers);
    }
  }

  private void resolveNextPreference() throws InterruptedException {
    int preference = unresolved.element().preference();
    var found = new ArrayList<Peer>();
    while (!unresolved.isEmpty() && unresolved.element().preference() == preference) {
      Domain name = unresolved.remove().name();
      List<Peer> peers = settings.ourselves().isNamed(name) ? List.of() : peers(name, settings.port());
      if (settings.ourselves().isNamed(name) || peers.stream().anyMatch(this::isOurs)) {
        cutLoop();
        return;
      }
      if (!peers.isEmpty() && hosts < MAX_HOSTS) {
        hosts++;
        peers.stream().limit(MAX_ADDRESSES).forEach(found::add);
      }
    }
    hasFound |= !found.isEmpty();
    ready.addAll(found);
  }

  /** We are a mail host: those of our preference and all behind us are not to be tried (RFC 5321 §5.1). */
  private void cutLoop() {
    unresolved.clear();
    if (!hasFound) {
      obstacles.add(FailurePolicy.loop(route.toString()));
    }
  }

  private boolean isOurs(Peer peer) {
    return peer.address() instanceof InetSocketAddress address && settings.ourselves().listensAt(address);
  }

  private List<Peer> peers(MailHost host, int port) throws InterruptedException {
    return switch (host) {
      case AddressLiteral literal ->
        List.of(new Peer(literal, new InetSocketAddress(literal.address(), port)));
      case Domain name -> {
        AddressResult result = resolver.addresses(name);
        FailurePolicy.unresolved(name, result).ifPresent(obstacles::add);
        yield result instanceof AddressResult.Addresses(var addresses)
            ? bothFamilies(addresses).stream()
                .map(address -> new Peer(name, new InetSocketAddress(address, port)))
                .toList()
            : List.<Peer>of();
      }
    };
  }

  /** Moves the first address of the second family to the second place, so that a short walk tries both. */
  private static List<InetAddress> bothFamilies(List<InetAddress> addresses) {
    var first = addresses.getFirst();
    var other = addresses.stream().filter(address -> address.getClass() != first.getClass()).findFirst();
    if (other.isEmpty()) {
      return addresses;
    }
    var ordered = new ArrayList<>(addresses);
    ordered.remove(other.get());
    ordered.add(1, other.get());
    return ordered;
  }
}
