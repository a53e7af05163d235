package org.posthorn.daemon.inbound.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.haproxy.HAProxyCommand;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.handler.codec.haproxy.HAProxyMessageDecoder;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.posthorn.daemon.inbound.Client;
import org.posthorn.smtp.Printable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits for what a proxy says first: for whom it connects, by the PROXY protocol, version 1 or 2. Whatever else it says, or
 * nothing in time, closes the connection. Octets behind the header wait until the connection is served.
 */
final class ProxyHeader extends ChannelInboundHandlerAdapter {
  /** What version 2 may have besides the addresses, which we do not look at. */
  private static final int MAX_TLV_OCTETS = 4096;
  private static final Logger log = LoggerFactory.getLogger(ProxyHeader.class);

  private final Client proxy;
  private final Duration patience;
  private final Consumer<Optional<InetAddress>> found;
  private final List<ByteBuf> behind = new ArrayList<>(1);
  private Optional<Optional<InetAddress>> source = Optional.empty();
  private boolean isDone;

  /** {@code found} gets the address of the client, or none when the proxy speaks for itself or does not know. */
  ProxyHeader(Client proxy, Duration patience, Consumer<Optional<InetAddress>> found) {
    this.proxy = proxy;
    this.patience = patience;
    this.found = found;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    ctx.pipeline().addBefore(ctx.name(), "proxy", new HAProxyMessageDecoder(MAX_TLV_OCTETS));
    var _ = ctx.executor().schedule(() -> {
      if (!isDone) {
        refuse(ctx, "no header in time");
      }
    }, patience.toMillis(), TimeUnit.MILLISECONDS);
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    ctx.read();
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (message instanceof HAProxyMessage header) {
      try {
        read(ctx, header);
      } finally {
        header.release();
      }
    } else if (message instanceof ByteBuf octets) {
      behind.add(octets);
    }
  }

  private void read(ChannelHandlerContext ctx, HAProxyMessage header) {
    boolean isLocal = header.command() == HAProxyCommand.LOCAL;
    switch (header.proxiedProtocol()) {
      case UNKNOWN -> source = Optional.of(Optional.empty());
      case TCP4, TCP6 -> source = Optional
          .of(isLocal ? Optional.empty() : Optional.of(InetAddress.ofLiteral(header.sourceAddress())));
      case UDP4, UDP6, UNIX_STREAM, UNIX_DGRAM -> {
        if (isLocal) {
          source = Optional.of(Optional.empty());
        } else {
          refuse(ctx, "not for TCP");
        }
      }
    }
  }

  /** The decoder goes away when it is done, and passes on what it has left; then this one does. */
  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    if (isDone) {
      return;
    }
    if (source.isEmpty()) {
      ctx.read();
    } else if (ctx.pipeline().get(HAProxyMessageDecoder.class) == null) {
      isDone = true;
      var pipeline = ctx.pipeline();
      pipeline.remove(this);
      found.accept(source.get());
      pipeline.fireChannelActive();
      behind.forEach(pipeline::fireChannelRead);
      behind.clear();
      pipeline.fireChannelReadComplete();
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof ChannelInputShutdownEvent) {
      refuse(ctx, "no header");
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    isDone = true;
    behind.forEach(ByteBuf::release);
    behind.clear();
    ctx.fireChannelInactive();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    refuse(ctx, String.valueOf(cause.getMessage()));
  }

  private void refuse(ChannelHandlerContext ctx, String why) {
    if (!isDone) {
      isDone = true;
      log.atInfo()
          .addKeyValue("client", proxy)
          .addKeyValue("reason", Printable.of(why))
          .log("PROXY header refused");
    }
    var _ = ctx.close();
  }
}
