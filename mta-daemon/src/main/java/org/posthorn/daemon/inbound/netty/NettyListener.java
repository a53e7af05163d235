package org.posthorn.daemon.inbound.netty;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.posthorn.daemon.inbound.InboundRules;
import org.posthorn.daemon.inbound.ListenerSettings.Terms;
import org.posthorn.daemon.inbound.ListenerSettings;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Listens for SMTP clients and serves them on Netty's event loops; what may block runs on virtual threads. Safe for use by
 * many threads.
 */
public final class NettyListener implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(NettyListener.class);
  private static final int BACKLOG = 1024;
  private static final int LARGEST_READ = 64 * 1024;

  private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(Runtime.getRuntime().availableProcessors(),
      NioIoHandler.newFactory());
  private final ExecutorService blocking = Executors.newThreadPerTaskExecutor(Thread.ofVirtual()
      .uncaughtExceptionHandler((_, e) -> log.atError().setCause(e).log("session failed"))
      .factory());
  private final Reception reception;
  private final List<Channel> listening = new ArrayList<>();

  /** Makes a listener that hears nobody yet; {@code reception} decides on clients. */
  public NettyListener(Reception.Ports ports, InboundRules rules) {
    this.reception = new Reception(ports, rules, blocking);
  }

  /**
   * Begins to listen on all addresses; throws IOException that names the address which cannot be had, and then listens on
   * none.
   *
   * @return where it listens, in the order of the settings, with the ports that were free for port 0
   */
  public synchronized List<InetSocketAddress> listen(List<ListenerSettings> listeners) throws IOException {
    var bound = new ArrayList<InetSocketAddress>();
    for (var listener : listeners) {
      for (var address : listener.addresses()) {
        Channel channel = bind(address, listener.terms());
        listening.add(channel);
        bound.add((InetSocketAddress) channel.localAddress());
      }
    }
    return bound;
  }

  /**
   * Begins to serve a socket that already listens at {@code address}, as systemd hands it over, and returns the address. One
   * of {@link #listen} must not be the same.
   */
  public synchronized InetSocketAddress adopt(ServerSocketChannel socket, InetSocketAddress address, Terms terms)
      throws IOException {
    var adopted = bootstrap(terms).channelFactory(() -> new NioServerSocketChannel(socket))
        .register()
        .awaitUninterruptibly();
    if (!adopted.isSuccess()) {
      throw new IOException("cannot use the inherited socket: " + adopted.cause().getMessage(), adopted.cause());
    }
    listening.add(adopted.channel());
    log.atInfo().addKeyValue("address", text(address)).log("listening");
    return address;
  }

  /** Puts other rules in force, for sessions that begin from now on. */
  public void use(InboundRules rules) {
    reception.use(rules);
  }

  /** Returns how many clients are connected. */
  public int connections() {
    return reception.connections();
  }

  /**
   * Hears nobody new, tells clients between two messages to come back later (421 4.3.2), lets the others finish the message
   * they are at for at most {@code grace}, and then cuts them.
   *
   * @return whether nobody was cut
   */
  public synchronized boolean drain(Duration grace) throws InterruptedException {
    listening.forEach(channel -> channel.close().awaitUninterruptibly());
    listening.clear();
    return reception.drain(grace);
  }

  /** Stops at once; what is being committed is finished. */
  @Override
  public synchronized void close() {
    listening.forEach(channel -> channel.close().awaitUninterruptibly());
    listening.clear();
    reception.close();
    blocking.close();
    loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  private Channel bind(InetSocketAddress address, Terms terms) throws IOException {
    var bind = bootstrap(terms).channel(NioServerSocketChannel.class).bind(address).awaitUninterruptibly();
    if (!bind.isSuccess()) {
      close();
      throw new IOException("cannot listen on " + address.getHostString() + ":" + address.getPort() + ": "
          + bind.cause().getMessage(), bind.cause());
    }
    log.atInfo().addKeyValue("address", text((InetSocketAddress) bind.channel().localAddress())).log("listening");
    return bind.channel();
  }

  private static String text(InetSocketAddress address) {
    String host = address.getAddress().getHostAddress();
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
  }

  private ServerBootstrap bootstrap(Terms terms) {
    return new ServerBootstrap()
        .group(loops)
        .option(ChannelOption.SO_BACKLOG, BACKLOG)
        .option(ChannelOption.SO_REUSEADDR, true)
        .childOption(ChannelOption.TCP_NODELAY, true)
        .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true) // who shuts down its side still gets its replies
        .childOption(ChannelOption.AUTO_READ, false) // each read is asked for when the one before is worked off
        .childOption(ChannelOption.RECVBUF_ALLOCATOR,
            new AdaptiveRecvByteBufAllocator(512, 4096, LARGEST_READ).maxMessagesPerRead(1))
        .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WriteBufferWaterMark.DEFAULT)
        .childHandler(new ChannelInitializer<SocketChannel>() {
          @Override
          protected void initChannel(SocketChannel channel) {
            reception.receive(channel, terms);
          }
        });
  }
}
