package org.posthorn.daemon.inbound.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.posthorn.daemon.inbound.Client;
import org.posthorn.daemon.inbound.Turned;

/**
 * A connection whose client has become the server: octets for threads that read and write it as streams. No more is read than
 * somebody waits for.
 */
final class Reversal extends ChannelInboundHandlerAdapter {
  private static final byte[] END = new byte[0];

  private final ChannelHandlerContext edge;
  private final BlockingQueue<byte[]> arrived = new LinkedBlockingQueue<>();
  private volatile boolean isOver;

  /** {@code rest} has been read already; {@code edge} is where the connection was handled until now. */
  Reversal(ChannelHandlerContext edge, byte[] rest) {
    this.edge = edge;
    if (rest.length > 0) {
      arrived.add(rest);
    }
  }

  Turned turned(Client client) {
    return new Turned(client, edge.channel().remoteAddress(), new Arriving(), new Leaving(), () -> !isOver,
        this::close);
  }

  void close() {
    var _ = edge.channel().close();
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    var buffer = (ByteBuf) message;
    try {
      var octets = new byte[buffer.readableBytes()];
      buffer.readBytes(octets);
      if (octets.length > 0) {
        arrived.add(octets);
      }
    } finally {
      buffer.release();
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof ChannelInputShutdownEvent) {
      end();
      var _ = ctx.close();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    end();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    end();
    var _ = ctx.close();
  }

  private void end() {
    isOver = true;
    arrived.add(END);
  }

  private final class Arriving extends InputStream {
    private byte[] octets = END;
    private int at;

    @Override
    public int read() throws IOException {
      return hasMore() ? octets[at++] & 0xff : -1;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      if (length == 0) {
        return 0;
      }
      if (!hasMore()) {
        return -1;
      }
      int taken = Math.min(length, octets.length - at);
      System.arraycopy(octets, at, buffer, offset, taken);
      at += taken;
      return taken;
    }

    @Override
    public int available() {
      var next = arrived.peek();
      return octets.length - at + (next == null ? 0 : next.length);
    }

    private boolean hasMore() throws IOException {
      if (at < octets.length) {
        return true;
      }
      if (arrived.isEmpty()) {
        edge.channel().eventLoop().execute(edge.channel()::read);
      }
      try {
        octets = arrived.take();
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("interrupted while the other side was waited for");
      }
      at = 0;
      if (octets.length == 0) {
        arrived.add(END); // for whoever reads on
      }
      return octets.length > 0;
    }
  }

  private final class Leaving extends OutputStream {
    @Override
    public void write(int octet) throws IOException {
      write(new byte[]{(byte) octet}, 0, 1);
    }

    @Override
    public void write(byte[] buffer, int offset, int length) throws IOException {
      try {
        var sent = edge.channel().writeAndFlush(Unpooled.copiedBuffer(buffer, offset, length)).await();
        if (!sent.isSuccess()) {
          throw new IOException("cannot write: " + sent.cause().getMessage(), sent.cause());
        }
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("interrupted while the other side was waited for");
      }
    }
  }
}
