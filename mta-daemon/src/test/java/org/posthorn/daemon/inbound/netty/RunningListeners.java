package org.posthorn.daemon.inbound.netty;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.posthorn.daemon.inbound.Inbound;
import org.posthorn.daemon.inbound.InboundRules;
import org.posthorn.daemon.inbound.InboundSettings;
import org.posthorn.daemon.inbound.ListenerSettings;
import org.posthorn.daemon.inbound.ListenerSettings.Kind;
import org.posthorn.daemon.inbound.ListenerSettings.Terms;
import org.posthorn.daemon.inbound.WaitingMail;
import org.posthorn.daemon.tls.TlsEngines;

/** The listeners that a test has started, each on a port of its own. */
final class RunningListeners implements AutoCloseable {
  private static final TlsEngines NO_TLS = _ -> {
    throw new IllegalStateException("nobody asked for TLS");
  };

  private final Inbound inbound;
  private final TlsEngines tls;
  private final WaitingMail waiting;
  private final List<NettyListener> running = new ArrayList<>();
  private Duration lastPatience = Duration.ofMinutes(1);

  /** For clients that ask for no TLS. */
  RunningListeners(Inbound inbound) {
    this(inbound, NO_TLS);
  }

  RunningListeners(Inbound inbound, TlsEngines tls) {
    this(inbound, tls, WaitingMail.NONE);
  }

  /** For servers that ask for what is {@code waiting}. */
  RunningListeners(Inbound inbound, WaitingMail waiting) {
    this(inbound, NO_TLS, waiting);
  }

  private RunningListeners(Inbound inbound, TlsEngines tls, WaitingMail waiting) {
    this.inbound = inbound;
    this.tls = tls;
    this.waiting = waiting;
  }

  /** Has those that are started from now on wait for nobody when they are closed. */
  RunningListeners impatient() {
    lastPatience = Duration.ofMillis(1);
    return this;
  }

  /** Makes one that hears nobody yet. */
  NettyListener deaf(InboundSettings settings) {
    var listener = new NettyListener(new Reception.Ports(inbound.intake, new NoNames(), inbound.counters, tls,
        inbound.authentication, inbound.quotas, waiting), InboundRules.of(settings), lastPatience);
    running.add(listener);
    return listener;
  }

  /** Starts one, and returns where it listens. */
  InetSocketAddress listen(Terms terms, InboundSettings settings) throws IOException {
    var anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    return deaf(settings).listen(List.of(new ListenerSettings(List.of(anyPort), terms))).getFirst();
  }

  /** Starts one for these clients. */
  InetSocketAddress listen(Kind kind, InboundSettings settings) throws IOException {
    return listen(Terms.of(kind), settings);
  }

  /** Returns the one that was started first. */
  NettyListener first() {
    return running.getFirst();
  }

  @Override
  public void close() {
    running.forEach(NettyListener::close);
  }
}
