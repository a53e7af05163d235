package org.posthorn.daemon.inbound.netty;

import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import org.posthorn.daemon.auth.Authentication;
import org.posthorn.daemon.inbound.Client;
import org.posthorn.daemon.inbound.InboundCounters.Refusal;
import org.posthorn.daemon.inbound.InboundCounters;
import org.posthorn.daemon.inbound.InboundRules;
import org.posthorn.daemon.inbound.Intake;
import org.posthorn.daemon.inbound.ListenerSettings.Terms;
import org.posthorn.daemon.inbound.ListenerSettings.Tls;
import org.posthorn.daemon.inbound.ServerReplies;
import org.posthorn.daemon.inbound.SessionPorts;
import org.posthorn.daemon.inbound.SmtpSession;
import org.posthorn.daemon.inbound.WaitingMail;
import org.posthorn.daemon.quota.Quotas;
import org.posthorn.daemon.tls.TlsEngines;
import org.posthorn.dns.MailResolver;
import org.posthorn.smtp.Domain;
import org.posthorn.smtp.Reply;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Lets clients in or turns them away, and knows all that are in. Safe for use by many threads. */
public final class Reception {
  /**
   * What sessions need besides their rules.
   *
   * @param intake where messages go
   * @param resolver looks up the clients' names
   * @param counters counts what comes in
   * @param tls encrypts connections
   * @param authentication says who clients are
   * @param quotas counts what they send
   * @param waiting what waits for servers that ask for it
   */
  public record Ports(Intake intake, MailResolver resolver, InboundCounters counters, TlsEngines tls,
      Authentication authentication, Quotas quotas, WaitingMail waiting) {
    /** Nothing waits for anybody. */
    public Ports(Intake intake, MailResolver resolver, InboundCounters counters, TlsEngines tls,
        Authentication authentication, Quotas quotas) {
      this(intake, resolver, counters, tls, authentication, quotas, WaitingMail.NONE);
    }
  }

  private static final Logger log = LoggerFactory.getLogger(Reception.class);
  private static final Domain LOCALHOST = Domain.of("localhost");
  private static final InetAddress THIS_MACHINE = InetAddress.ofLiteral("127.0.0.1");
  private static final int MAX_LOOKUPS = 200; // at once; who comes beyond it stays nameless

  private final Ports ports;
  private final ExecutorService blocking;
  private final TlsHandshakes handshakes;
  private final ConnectionGate gate = new ConnectionGate();
  private final ChannelGroup inside = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
  private final Semaphore lookups = new Semaphore(MAX_LOOKUPS);
  private volatile InboundRules rules;
  private volatile boolean draining;

  Reception(Ports ports, InboundRules rules, ExecutorService blocking) {
    this.ports = ports;
    this.rules = rules;
    this.blocking = blocking;
    this.handshakes = new TlsHandshakes(ports.tls(), ports.counters());
  }

  void use(InboundRules newRules) {
    rules = newRules;
  }

  int connections() {
    return gate.total();
  }

  /** Takes a connection that has just come to a listener of these terms. */
  void receive(DuplexChannel channel, Terms terms) {
    InboundRules now = rules;
    var caller = client(channel, now);
    if (caller.isEmpty()) { // gone before it was looked at
      var _ = channel.close();
    } else if (channel.remoteAddress() instanceof InetSocketAddress
        && terms.proxies().contains(caller.get().address())) {
      receiveBehindProxy(channel, terms, caller.get().address(), now);
    } else {
      admit(caller.get(), now).ifPresentOrElse(refusal -> turnAway(channel, caller.get(), terms, refusal),
          () -> serve(channel, terms, guest(channel, caller.get(), terms, now), now));
    }
  }

  /** Until it has said for whom it connects, a proxy has the place, and no bound but that of all connections. */
  private void receiveBehindProxy(DuplexChannel channel, Terms terms, InetAddress address, InboundRules now) {
    var proxy = Client.proxy(address);
    var refusal = admit(proxy, now);
    if (refusal.isPresent()) {
      turnAway(channel, proxy, terms, refusal.get());
      return;
    }
    var guest = guest(channel, proxy, terms, now);
    channel.pipeline().addLast(new ProxyHeader(proxy, now.settings().connections().handshake(), source -> {
      // Who is behind a proxy that does not say is not trusted as the proxy is.
      var client = source.map(found -> new Client(found, now.policy().isTrusted(found)))
          .orElseGet(() -> Client.unknownBehind(address));
      guest.become(client)
          .ifPresentOrElse(reply -> turnAway(channel, client, terms, reply),
              () -> serve(channel, terms, guest, now));
    }));
  }

  private Optional<Reply> admit(Client client, InboundRules now) {
    return draining
        ? Optional.of(ServerReplies.SHUTTING_DOWN)
        : gate.enter(client, now.settings().connections());
  }

  private Guest guest(DuplexChannel channel, Client client, Terms terms, InboundRules now) {
    var guest = new Guest(gate, now.settings().connections(), next -> session(next, terms, now), client);
    channel.closeFuture().addListener(_ -> guest.leave());
    channel.pipeline().addLast(guest);
    inside.add(channel);
    return guest;
  }

  private SmtpSession session(Client client, Terms terms, InboundRules now) {
    lookUpName(client, now);
    return new SmtpSession(client, terms, now, new SessionPorts(ports.intake(), ports.authentication(),
        ports.quotas(), ports.counters(), ports.waiting()));
  }

  private void serve(DuplexChannel channel, Terms terms, Guest guest, InboundRules now) {
    ports.counters().at(terms.kind()).connected();
    if (terms.tls() == Tls.IMPLICIT) {
      handshakes.begin(channel.pipeline(), guest.session(), now.settings().connections().handshake());
    }
    channel.pipeline()
        .addLast(new SmtpConnection(guest, now.settings(), blocking, handshakes, channel.eventLoop().ticker()));
  }

  /** Who may write to our Unix socket is as trusted as this machine, and is called so. */
  private static Optional<Client> client(DuplexChannel channel, InboundRules now) {
    return switch (channel.remoteAddress()) {
      case InetSocketAddress remote ->
        Optional.of(new Client(remote.getAddress(), now.policy().isTrusted(remote.getAddress())));
      case UnixDomainSocketAddress _ -> Optional.of(new Client(THIS_MACHINE, true));
      case null, default -> Optional.empty();
    };
  }

  /**
   * Lets no one in any more, and waits until those who are inside have finished their message, or {@code grace} is over.
   * Connections over which mail goes out (RFC 2645 §5.3) are left to the queue, until all is closed: cut behind the final dot
   * a message would go twice.
   */
  boolean drain(Duration grace) throws InterruptedException {
    draining = true;
    for (var channel : inside) {
      var context = channel.pipeline().context(SmtpConnection.class);
      if (context != null) {
        context.executor().execute(() -> ((SmtpConnection) context.handler()).drain(context));
      } else if (!isReversed(channel)) { // its proxy has not said yet for whom it connects
        var _ = channel.close();
      }
    }
    boolean allGone = inside.newCloseFuture(channel -> !isReversed(channel)).await(grace.toMillis());
    inside.close(channel -> !isReversed(channel)).awaitUninterruptibly();
    return allGone;
  }

  private static boolean isReversed(Channel channel) {
    return channel.pipeline().context(Reversal.class) != null;
  }

  /** Closes all connections. */
  void cut() {
    inside.close().awaitUninterruptibly();
  }

  /** Ends for good. */
  void close() {
    cut();
    handshakes.close();
  }

  private void turnAway(DuplexChannel channel, Client client, Terms terms, Reply reply) {
    ports.counters().at(terms.kind()).refused(Refusal.CONNECTION);
    log.atInfo().addKeyValue("client", client).addKeyValue("reply", reply).log("connection refused");
    if (terms.tls() == Tls.IMPLICIT) { // a handshake only to say no would cost more than the client is worth
      var _ = channel.close();
      return;
    }
    channel.writeAndFlush(ByteBufUtil.writeAscii(channel.alloc(), reply.toWire()))
        .addListener(ChannelFutureListener.CLOSE);
  }

  /** The name is for {@code Received:} and the log; a client that is done before it is known stays nameless. */
  private void lookUpName(Client client, InboundRules now) {
    if (client.isNameDeclared()) {
      return;
    }
    if (client.address().isLoopbackAddress()) {
      client.setName(LOCALHOST); // RFC 6761 §6.3: no question for the DNS
      return;
    }
    if (!now.settings().session().reverseLookup() || !lookups.tryAcquire()) {
      return;
    }
    try {
      blocking.execute(() -> lookUpName(client));
    } catch (OutOfMemoryError | RejectedExecutionException _) { // the former when the system has no thread left
      lookups.release(); // who stays nameless is served all the same
    }
  }

  private void lookUpName(Client client) {
    try {
      ports.resolver().confirmedName(client.address()).ifPresent(client::setName);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } finally {
      lookups.release();
    }
  }
}
