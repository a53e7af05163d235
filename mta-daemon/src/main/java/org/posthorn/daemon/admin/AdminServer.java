package org.posthorn.daemon.admin;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.posthorn.daemon.config.Configuration.Admin;
import org.posthorn.daemon.socket.AddressText;
import org.posthorn.daemon.socket.SocketFile;

/**
 * Serves the operator. It has an event loop of its own, so it answers when mail does not flow. Only the daemon's own user
 * can connect to its Unix socket.
 */
public final class AdminServer implements AutoCloseable {
  private static final int MAX_LINE = 8192;
  private static final int MAX_BODY = 1 << 16;
  private static final int MAX_CONNECTIONS = 64;

  private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1,
      Thread.ofPlatform().daemon().name("admin").factory(), NioIoHandler.newFactory());
  private final List<Channel> channels = new ArrayList<>();
  private final AtomicInteger connections = new AtomicInteger();
  private final SocketFile socket;
  private Optional<InetSocketAddress> metricsAddress = Optional.empty();

  private AdminServer(Path socket) {
    this.socket = new SocketFile(socket, "rw-------");
  }

  /**
   * Starts to serve; replaces a socket that an earlier daemon left. The caller has made sure that no other daemon uses
   * the same data directory. Throws IOException when an address or the socket cannot be had.
   */
  public static AdminServer start(Admin settings, AdminRoutes routes) throws IOException {
    var server = new AdminServer(settings.socket());
    try {
      server.socket.bind(address -> server.bind(NioServerDomainSocketChannel.class, address, routes::answer));
      if (settings.metricsAddress().isPresent()) {
        var channel = server.bind(NioServerSocketChannel.class, settings.metricsAddress().get(),
            routes::answerPublicly);
        server.metricsAddress = Optional.of((InetSocketAddress) channel.localAddress());
      }
      return server;
    } catch (IOException | RuntimeException e) {
      server.close();
      throw e;
    }
  }

  /** Returns where metrics are served by TCP, if they are. */
  public Optional<InetSocketAddress> metricsAddress() {
    return metricsAddress;
  }

  /** Stops to serve, and removes the socket. Waits for nobody. */
  @Override
  public void close() {
    if (!channels.isEmpty()) {
      socket.remove();
    }
    channels.forEach(channel -> channel.close().syncUninterruptibly());
    var _ = loop.shutdownGracefully(0, 2, TimeUnit.SECONDS);
  }

  private Channel bind(Class<? extends ServerChannel> type, SocketAddress address,
      Function<AdminRequest, AdminAnswer> routes) throws IOException {
    var bootstrap = new ServerBootstrap().group(loop)
        .channel(type)
        .option(ChannelOption.SO_BACKLOG, MAX_CONNECTIONS)
        .childHandler(new ChannelInitializer<>() {
          @Override
          protected void initChannel(Channel channel) {
            admit(channel, routes);
          }
        });
    var bound = bootstrap.bind(address).awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new IOException("cannot listen on " + AddressText.of(address) + ": " + bound.cause().getMessage(),
          bound.cause());
    }
    channels.add(bound.channel());
    return bound.channel();
  }

  private void admit(Channel channel, Function<AdminRequest, AdminAnswer> routes) {
    if (connections.incrementAndGet() > MAX_CONNECTIONS) {
      connections.decrementAndGet();
      var _ = channel.close();
      return;
    }
    channel.closeFuture().addListener(_ -> connections.decrementAndGet());
    channel.pipeline()
        .addLast(new HttpServerCodec(MAX_LINE, MAX_LINE, MAX_LINE), new HttpObjectAggregator(MAX_BODY),
            new HttpConversation(routes));
  }
}
