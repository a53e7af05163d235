package org.posthorn.daemon.inbound.netty;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.concurrent.Ticker;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells, once a minute at most, that a listener can take no connection, because too many files are open, say. Netty tries again
 * each second. On the event loop of the listener.
 */
final class AcceptFailures extends ChannelInboundHandlerAdapter {
  private static final Logger log = LoggerFactory.getLogger(AcceptFailures.class);
  private static final long PAUSE_NANOS = TimeUnit.MINUTES.toNanos(1);

  private final String address;
  private final Ticker ticker;
  private boolean isTold;
  private long toldAt;

  /** @param address where the listener is, as the log has it */
  AcceptFailures(String address, Ticker ticker) {
    this.address = address;
    this.ticker = ticker;
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    long now = ticker.nanoTime();
    if (!isTold || now - toldAt >= PAUSE_NANOS) {
      isTold = true;
      toldAt = now;
      log.atError()
          .addKeyValue("address", address)
          .addKeyValue("text", String.valueOf(cause.getMessage()))
          .log("cannot take connections; they wait, and it is tried again each second");
    }
  }
}
