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
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.posthorn.daemon.inbound.InboundRules;
import org.posthorn.daemon.inbound.ListenerSettings.Kind;
import org.posthorn.daemon.inbound.ListenerSettings.Terms;
import org.posthorn.daemon.inbound.ListenerSettings;
import org.posthorn.daemon.socket.AddressText;
import org.posthorn.daemon.socket.SocketFile;
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
  private static final Duration LAST_PATIENCE = Duration.ofSeconds(3);

  private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(Runtime.getRuntime().availableProcessors(),
      NioIoHandler.newFactory());
  private final ExecutorService blocking = Executors.newThreadPerTaskExecutor(Thread.ofVirtual()
      .uncaughtExceptionHandler((_, e) -> log.atError().setCause(e).log("session failed"))
      .factory());
  private final Reception reception;
  private final Duration lastPatience;
  private final List<Channel> listening = new ArrayList<>();
  private final List<SocketFile> sockets = new ArrayList<>();
  private final List<Place> places = new CopyOnWriteArrayList<>();

  /**
   * A place where clients were served from the start on.
   *
   * @param kind of the clients
   * @param address as {@code address:port}, or the path of a Unix socket
   */
  public record Place(Kind kind, String address) {}

  /** Makes a listener that hears nobody yet; {@code reception} decides on clients. */
  public NettyListener(Reception.Ports ports, InboundRules rules) {
    this(ports, rules, LAST_PATIENCE);
  }

  /** The same; what is done for clients when it is closed may take {@code lastPatience}. */
  NettyListener(Reception.Ports ports, InboundRules rules, Duration lastPatience) {
    this.reception = new Reception(ports, rules, blocking);
    this.lastPatience = lastPatience;
  }

  /**
   * Begins to listen on all addresses; throws IOException that names the address which cannot be had, and then listens on
   * none.
   *
   * @return where it listens by TCP, in the order of the settings, with the ports that were free for port 0
   */
  public synchronized List<InetSocketAddress> listen(List<ListenerSettings> listeners) throws IOException {
    var bound = new ArrayList<InetSocketAddress>();
    try {
      for (var listener : listeners) {
        for (var address : listener.addresses()) {
          var channel = bind(tcp(listener.terms()).channel(NioServerSocketChannel.class), address,
              address.getHostString() + ":" + address.getPort());
          bound.add((InetSocketAddress) channel.localAddress());
          noteListening(AddressText.of((InetSocketAddress) channel.localAddress()), listener.terms());
        }
        if (listener.socket().isPresent()) {
          listen(listener.socket().get(), listener.terms());
        }
      }
      return bound;
    } catch (IOException e) {
      close();
      throw e;
    }
  }

  private void listen(SocketFile socket, Terms terms) throws IOException {
    var bootstrap = bootstrap(terms).channel(NioServerDomainSocketChannel.class);
    var _ = socket.bind(address -> bind(bootstrap, address, socket.path().toString()));
    sockets.add(socket);
    noteListening(socket.path().toString(), terms);
  }

  /**
   * Begins to serve a socket that already listens at {@code address}, as systemd hands it over. One of {@link #listen} must
   * not be the same. The path of a Unix socket belongs to whoever opened it, and stays.
   */
  public synchronized void adopt(ServerSocketChannel socket, SocketAddress address, Terms terms) throws IOException {
    var bootstrap = address instanceof InetSocketAddress
        ? tcp(terms).channelFactory(() -> new NioServerSocketChannel(socket))
        : bootstrap(terms).channelFactory(() -> new NioServerDomainSocketChannel(socket));
    var adopted = bootstrap.register().awaitUninterruptibly();
    if (!adopted.isSuccess()) {
      throw new IOException("cannot use the inherited socket: " + adopted.cause().getMessage(), adopted.cause());
    }
    var name = AddressText.of(address);
    add(adopted.channel(), name);
    noteListening(name, terms);
  }

  /** Puts other rules in force, for sessions that begin from now on. */
  public void use(InboundRules rules) {
    reception.use(rules);
  }

  /** Returns where clients are served, or were until it began to stop. */
  public List<Place> places() {
    return List.copyOf(places);
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
    hearNobody();
    return reception.drain(grace);
  }

  /** Stops soon: what is being committed is finished, who waits for something else, as BURL does, is interrupted. */
  @Override
  public synchronized void close() {
    hearNobody();
    reception.close();
    blocking.shutdown();
    if (!areErrandsDone()) {
      blocking.shutdownNow();
      boolean _ = areErrandsDone();
    }
    loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  private boolean areErrandsDone() {
    try {
      return blocking.awaitTermination(lastPatience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private void hearNobody() {
    sockets.forEach(SocketFile::remove);
    sockets.clear();
    listening.forEach(channel -> channel.close().awaitUninterruptibly());
    listening.clear();
  }

  private Channel bind(ServerBootstrap bootstrap, SocketAddress address, String name) throws IOException {
    var bind = bootstrap.bind(address).awaitUninterruptibly();
    if (!bind.isSuccess()) {
      throw new IOException("cannot listen on " + name + ": " + bind.cause().getMessage(), bind.cause());
    }
    add(bind.channel(), name);
    return bind.channel();
  }

  private void add(Channel channel, String address) {
    var failures = new AcceptFailures(address, channel.eventLoop().ticker());
    // On the event loop, so that it is behind Netty's acceptor, which waits a second before it tries again.
    channel.eventLoop().execute(() -> channel.pipeline().addLast(failures));
    listening.add(channel);
  }

  private void noteListening(String address, Terms terms) {
    places.add(new Place(terms.kind(), address));
    log.atInfo().addKeyValue("address", address).addKeyValue("listener", terms.kind()).log("listening");
  }

  private ServerBootstrap tcp(Terms terms) {
    return bootstrap(terms).option(ChannelOption.SO_REUSEADDR, true); // TCP_NODELAY is Netty's default
  }

  private ServerBootstrap bootstrap(Terms terms) {
    return new ServerBootstrap()
        .group(loops)
        .option(ChannelOption.SO_BACKLOG, BACKLOG)
        .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true) // who shuts down its side still gets its replies
        .childOption(ChannelOption.AUTO_READ, false) // each read is asked for when the one before is worked off
        .childOption(ChannelOption.RECVBUF_ALLOCATOR,
            new AdaptiveRecvByteBufAllocator(512, 4096, LARGEST_READ).maxMessagesPerRead(1))
        .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WriteBufferWaterMark.DEFAULT)
        .childHandler(new ChannelInitializer<DuplexChannel>() {
          @Override
          protected void initChannel(DuplexChannel channel) {
            reception.receive(channel, terms);
          }
        });
  }
}
