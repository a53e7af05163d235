package org.posthorn.daemon.inbound.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.DuplexChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.posthorn.daemon.inbound.Inbound;
import org.posthorn.daemon.inbound.InboundRules;
import org.posthorn.daemon.inbound.ListenerSettings.Kind;
import org.posthorn.daemon.inbound.ListenerSettings.Terms;
import org.posthorn.daemon.inbound.ListenerSettings.Tls;
import org.posthorn.daemon.inbound.NetworkSet;

/** Whose names the DNS is asked for. 192.0.2.5 is a proxy. */
class ReceptionTest {
  private final Inbound inbound = new Inbound();
  private final NoNames names = new NoNames();

  /** Or the connection would be lost, and its place with it, of which there are only so many. */
  @Test
  void servesClientsThoughNobodyCanLookUpTheirNames() {
    var blocking = Executors.newVirtualThreadPerTaskExecutor();
    blocking.close();
    var reception = reception(blocking);
    var channel = new Connection(new InetSocketAddress(InetAddress.ofLiteral("198.51.100.9"), 40_000));
    reception.receive(channel, Terms.of(Kind.MX));
    assertThat(inbound.counters.at(Kind.MX).connections()).as("clients that are served").isOne();
    reception.close();
    channel.finishAndReleaseAll();
    assertThat(reception.connections()).isZero();
  }

  private Reception reception(ExecutorService blocking) {
    return new Reception(new Reception.Ports(inbound.intake, names, inbound.counters, _ -> {
      throw new IllegalStateException("nobody asked for TLS");
    }, inbound.authentication, inbound.quotas), InboundRules.of(Inbound.settings()), blocking);
  }

  @ParameterizedTest(name = "{0}, {1}")
  @CsvSource({"192.0.2.5, PROXY TCP4 198.51.100.9 192.0.2.1 40000 25, 198.51.100.9", "198.51.100.9, '', 198.51.100.9"})
  void asksForTheNameOfTheClientAndNotOfItsProxy(String caller, String header, String whose) {
    var proxies = NetworkSet.of(List.of("192.0.2.5/32"));
    try (var blocking = Executors.newVirtualThreadPerTaskExecutor()) { // closing it waits for look-ups
      var reception = reception(blocking);
      var channel = new Connection(new InetSocketAddress(InetAddress.ofLiteral(caller), 40_000));
      reception.receive(channel, new Terms(Kind.MX, Tls.OFFERED, proxies));
      channel.pipeline().fireChannelActive();
      channel.writeInbound(Unpooled.copiedBuffer(header.isEmpty() ? "" : header + "\r\n", StandardCharsets.US_ASCII));
      assertThat(inbound.counters.at(Kind.MX).connections()).as("clients that are served").isOne();
      reception.close();
      channel.finishAndReleaseAll();
    }
    assertThat(names.asked()).containsExactly(InetAddress.ofLiteral(whose));
  }

  /** A TCP connection without a network. */
  private static final class Connection extends EmbeddedChannel implements DuplexChannel {
    private final SocketAddress remote;

    Connection(SocketAddress remote) {
      this.remote = remote;
    }

    @Override
    public SocketAddress remoteAddress() {
      return remote;
    }

    @Override
    public boolean isInputShutdown() {
      return false;
    }

    @Override
    public boolean isOutputShutdown() {
      return false;
    }

    @Override
    public boolean isShutdown() {
      return false;
    }

    @Override
    public ChannelFuture shutdownInput() {
      return close();
    }

    @Override
    public ChannelFuture shutdownInput(ChannelPromise promise) {
      return close(promise);
    }

    @Override
    public ChannelFuture shutdownOutput() {
      return close();
    }

    @Override
    public ChannelFuture shutdownOutput(ChannelPromise promise) {
      return close(promise);
    }

    @Override
    public ChannelFuture shutdown() {
      return close();
    }

    @Override
    public ChannelFuture shutdown(ChannelPromise promise) {
      return close(promise);
    }
  }
}
