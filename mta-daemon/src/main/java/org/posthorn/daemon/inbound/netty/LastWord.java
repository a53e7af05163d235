package org.posthorn.daemon.inbound.netty;

import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.posthorn.smtp.Reply;

/** Ends a connection so that the client hears why. On the event loop of the connection. */
final class LastWord {
  private static final long LINGER_SECONDS = 2;
  private static final long LONGEST_WAY_SECONDS = 60;

  private LastWord() {}

  /**
   * Sends the last reply. Closing at once while octets of the client are unread would make its system drop the reply
   * (RFC 9293 §3.6.1), so after anything but a QUIT we only stop sending, and close when it has, or soon.
   */
  static void send(ChannelHandlerContext ctx, Reply reply) {
    var sent = ctx.writeAndFlush(ByteBufUtil.writeAscii(ctx.alloc(), reply.toWire()));
    if (reply.isPositive()) {
      sent.addListener(ChannelFutureListener.CLOSE);
      if (!sent.isDone()) { // it may never take what we said
        var _ = ctx.executor().schedule(() -> close(ctx), LONGEST_WAY_SECONDS, TimeUnit.SECONDS);
      }
    } else {
      sent.addListener(_ -> sayNoMore(ctx).addListener(_ -> shutDownOutput(ctx)));
      var _ = ctx.executor().schedule(() -> close(ctx), LINGER_SECONDS, TimeUnit.SECONDS);
    }
  }

  static void close(ChannelHandlerContext ctx) {
    var _ = ctx.close();
  }

  /** Under TLS the end must be said, or it could be anybody's cut (RFC 8446 §6.1). */
  private static ChannelFuture sayNoMore(ChannelHandlerContext ctx) {
    return Optional.ofNullable(ctx.pipeline().get(SslHandler.class))
        .map(SslHandler::closeOutbound)
        .orElseGet(ctx::newSucceededFuture);
  }

  private static void shutDownOutput(ChannelHandlerContext ctx) {
    if (ctx.channel() instanceof DuplexChannel connection) {
      var _ = connection.shutdownOutput();
    }
  }
}
