package org.posthorn.daemon.admin;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One connection: one request, answered on a virtual thread because it may wait for the disk, then closed. */
final class HttpConversation extends SimpleChannelInboundHandler<FullHttpRequest> {
  private static final Logger LOG = LoggerFactory.getLogger(HttpConversation.class);
  private static final int PATIENCE_SECONDS = 30;
  private static final int CHUNK = 1 << 16;

  private final Function<AdminRequest, AdminAnswer> routes;
  private boolean isAsked; // owned by the event loop

  HttpConversation(Function<AdminRequest, AdminAnswer> routes) {
    this.routes = routes;
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    var _ = context.executor().schedule(() -> {
      if (!isAsked) {
        var _ = context.close();
      }
    }, PATIENCE_SECONDS, TimeUnit.SECONDS);
    context.fireChannelActive();
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, FullHttpRequest message) {
    if (isAsked) {
      return; // one request a connection
    }
    isAsked = true;
    var uri = new QueryStringDecoder(message.uri(), StandardCharsets.UTF_8);
    var method = message.method().name();
    Thread.ofVirtual().name("admin-request").start(() -> converse(context, method, uri));
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    LOG.atDebug().addKeyValue("text", String.valueOf(cause)).log("admin connection lost");
    var _ = context.close();
  }

  private void converse(ChannelHandlerContext context, String method, QueryStringDecoder uri) {
    try {
      answer(context, answerTo(method, uri));
    } catch (IOException e) {
      LOG.atDebug().addKeyValue("text", String.valueOf(e.getMessage())).log("admin answer cut");
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } finally {
      var _ = context.close();
    }
  }

  private AdminAnswer answerTo(String method, QueryStringDecoder uri) {
    try {
      return routes.apply(new AdminRequest(method, uri.path(), uri.parameters()));
    } catch (BadRequest | IllegalArgumentException e) {
      return Json.error(400, String.valueOf(e.getMessage()));
    } catch (RuntimeException e) {
      LOG.atError().addKeyValue("path", uri.path()).setCause(e).log("admin request failed");
      return Json.error(500, "the daemon failed, its log says why: " + e.getMessage());
    }
  }

  private static void answer(ChannelHandlerContext context, AdminAnswer answer)
      throws IOException, InterruptedException {
    switch (answer) {
      case AdminAnswer.Whole(int status, String type, byte[] body) -> {
        var response = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(status),
            Unpooled.wrappedBuffer(body));
        fields(response, type).headers().set(HttpHeaderNames.CONTENT_LENGTH, body.length);
        send(context, response);
      }
      case AdminAnswer.Streamed(String type, AdminAnswer.Body body) -> {
        var response = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
        fields(response, type).headers().set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
        send(context, response);
        var out = new BufferedOutputStream(new Chunks(context), CHUNK);
        body.writeTo(out);
        out.flush();
        send(context, LastHttpContent.EMPTY_LAST_CONTENT); // without it the client knows that something is missing
      }
    }
  }

  private static HttpResponse fields(HttpResponse response, String type) {
    response.headers().set(HttpHeaderNames.CONTENT_TYPE, type).set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    return response;
  }

  /** Waits until the client has taken it, which bounds what lies in memory. */
  private static void send(ChannelHandlerContext context, Object part) throws IOException, InterruptedException {
    var sent = context.writeAndFlush(part).await();
    if (!sent.isSuccess()) {
      throw new IOException("the client is gone", sent.cause());
    }
  }

  /** Sends what is written as chunks. */
  private static final class Chunks extends OutputStream {
    private final ChannelHandlerContext context;

    Chunks(ChannelHandlerContext context) {
      this.context = context;
    }

    @Override
    public void write(int octet) throws IOException {
      write(new byte[]{(byte) octet}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      if (length > 0) { // an empty chunk would end the answer
        try {
          send(context, new DefaultHttpContent(Unpooled.copiedBuffer(bytes, offset, length)));
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new IOException("stopping", e);
        }
      }
    }
  }
}
