package org.posthorn.daemon.inbound.netty;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.posthorn.daemon.inbound.Inbound;
import org.posthorn.daemon.inbound.InboundRules;
import org.posthorn.daemon.inbound.InboundSettings;
import org.posthorn.daemon.inbound.ListenerSettings;
import org.posthorn.daemon.inbound.ListenerSettings.Terms;
import org.posthorn.daemon.tls.ServerTls;

/** The listeners that a test has started, each on a port of its own. */
final class RunningListeners implements AutoCloseable {
  private final Inbound inbound;
  private final ServerTls tls;
  private final List<NettyListener> running = new ArrayList<>();

  RunningListeners(Inbound inbound, ServerTls tls) {
    this.inbound = inbound;
    this.tls = tls;
  }

  /** Starts one, and returns where it listens. */
  InetSocketAddress listen(Terms terms, InboundSettings settings) throws IOException {
    var listener = new NettyListener(new Reception.Ports(inbound.intake, new NoNames(), inbound.counters, tls,
        inbound.authentication, inbound.quotas), InboundRules.of(settings));
    running.add(listener);
    var anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    return listener.listen(List.of(new ListenerSettings(List.of(anyPort), terms))).getFirst();
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
