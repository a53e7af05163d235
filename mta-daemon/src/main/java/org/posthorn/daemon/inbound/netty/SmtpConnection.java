package org.posthorn.daemon.inbound.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.concurrent.Ticker;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import javax.net.ssl.SSLException;
import org.posthorn.daemon.inbound.Answer;
import org.posthorn.daemon.inbound.Client;
import org.posthorn.daemon.inbound.ConnectionLimits;
import org.posthorn.daemon.inbound.Hello;
import org.posthorn.daemon.inbound.InboundSettings;
import org.posthorn.daemon.inbound.MessageSink;
import org.posthorn.daemon.inbound.ServerReplies;
import org.posthorn.daemon.inbound.SmtpSession;
import org.posthorn.daemon.inbound.Turned;
import org.posthorn.smtp.Reply;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection: turns octets into commands and content for the session, and sends its replies in order, those to one
 * packet of commands in one packet (RFC 2920 §3.2). While the session waits for something, or the client does not take its
 * replies, nothing more is read; so what is held of a client is bounded, whatever it sends.
 *
 * <p>Everything here runs on the connection's event loop, but for the work of {@link Answer.Later}.
 */
final class SmtpConnection extends ChannelInboundHandlerAdapter {
  private static final Logger log = LoggerFactory.getLogger(SmtpConnection.class);
  /** Replies that wait for a flush: under TLS nobody else counts them. */
  private static final int MAX_UNFLUSHED = 16 * 1024;

  private final Guest guest;
  private final ConnectionLimits limits;
  private final Errands errands;
  private final TlsHandshakes handshakes;
  private final Pace pace;
  private final Arrivals arrivals;

  private Future<?> paceCheck = CompletableFuture.completedFuture(null);
  private int unflushed;
  private boolean isProceeding;
  private boolean greeted;
  private boolean heard;
  private boolean heardAll;
  private boolean busy;
  private boolean gone;
  private boolean left;
  private boolean draining;

  /** @param ticker what the event loop of the connection measures time with */
  SmtpConnection(Guest guest, InboundSettings settings, Executor blocking, TlsHandshakes handshakes, Ticker ticker) {
    this.guest = guest;
    this.limits = settings.connections();
    this.errands = new Errands(blocking);
    this.handshakes = handshakes;
    this.pace = new Pace(limits, ticker);
    this.arrivals = new Arrivals(settings.session().commandLineBytes(), pace);
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    log.atDebug().addKeyValue("client", guest.client()).log("connect");
    schedulePaceCheck(ctx);
    if (ctx.pipeline().get(SslHandler.class) == null) {
      greetInTime(ctx);
    } else {
      arrivals.handshakeNext(); // RFC 8314 §3.3: the greeting is encrypted too
    }
    ctx.read();
  }

  private void greetInTime(ChannelHandlerContext ctx) {
    if (limits.greetingDelay().isZero() || guest.client().isTrusted()) {
      greet(ctx);
    } else {
      var _ = ctx.executor().schedule(() -> greet(ctx), limits.greetingDelay().toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    var buffer = (ByteBuf) message;
    try {
      if (arrivals.isOver()) {
        return;
      }
      arrivals.add(buffer);
    } finally {
      buffer.release();
    }
    if (!greeted) {
      end(ctx, ServerReplies.SPOKE_TOO_EARLY);
    } else if (!heard && arrivals.isTls()) {
      end(ctx, ServerReplies.NOT_SMTP);
    }
    heard = true;
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    proceed(ctx);
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    proceed(ctx);
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof SslHandshakeCompletionEvent handshake) {
      handshakeEnded(ctx, handshake);
    } else if (event instanceof ChannelInputShutdownEvent
        || (event instanceof SslCloseCompletionEvent && TlsHandshakes.mayAnswerTheEnd(ctx.pipeline()))) {
      heardAll = true; // commands may have come with it, in one packet
      proceed(ctx);
    } else if (event instanceof SslCloseCompletionEvent) {
      closeBehindReplies(ctx);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    gone = true;
    paceCheck.cancel(false);
    if (!busy) {
      leave();
    }
    log.atDebug().addKeyValue("client", guest.client()).log("disconnect");
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (cause instanceof IOException || cause.getCause() instanceof SSLException) {
      log.atDebug().addKeyValue("client", guest.client()).setCause(cause).log("connection lost");
      LastWord.close(ctx);
    } else if (!arrivals.isOver()) {
      log.atError().addKeyValue("client", guest.client()).setCause(cause).log("session failed");
      end(ctx, ServerReplies.SESSION_FAILED);
    }
  }

  /** Ends the session as soon as no message is underway. */
  void drain(ChannelHandlerContext ctx) {
    draining = true;
    guarded(ctx, () -> endWhenDrained(ctx));
  }

  private void greet(ChannelHandlerContext ctx) {
    if (!greeted && !arrivals.isOver()) {
      greeted = true;
      pace.progressed();
      write(ctx, session().greeting());
      ctx.flush();
    }
  }

  /** Works off what was read, as far as session and client let us, and then asks for more. */
  private void proceed(ChannelHandlerContext ctx) {
    if (isProceeding) {
      return; // a flush made the channel writable again, and we are called from within
    }
    isProceeding = true;
    try {
      do {
        while (canStep(ctx) && unflushed < MAX_UNFLUSHED) {
          step(ctx);
        }
        unflushed = 0;
        ctx.flush();
      } while (canStep(ctx));
    } finally {
      isProceeding = false;
    }
    if (arrivals.isEmpty() && !busy && ctx.channel().isWritable()) {
      arrivals.release();
      if (heardAll) {
        closeBehindReplies(ctx);
      } else {
        ctx.read();
      }
    }
  }

  /** The client will say no more, but may still read. */
  private static void closeBehindReplies(ChannelHandlerContext ctx) {
    var _ = ctx.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
  }

  private boolean canStep(ChannelHandlerContext ctx) {
    return !arrivals.isEmpty() && !busy && ctx.channel().isWritable();
  }

  private void step(ChannelHandlerContext ctx) {
    arrivals.step(session())
        .ifPresentOrElse(answer -> handle(ctx, answer),
            () -> arrivals.fullSink().ifPresent(sink -> drainContent(ctx, sink)));
  }

  private void handle(ChannelHandlerContext ctx, Answer answer) {
    switch (answer) {
      case Answer.Now(var reply) -> {
        write(ctx, reply);
        endWhenDrained(ctx);
      }
      case Answer.Last(var reply) -> sendLast(ctx, reply);
      case Answer.StartTls(var reply) -> startTls(ctx, reply);
      case Answer.Repeated(var reply, var times) -> {
        for (int i = 0; i < times; i++) {
          write(ctx, reply);
        }
        endWhenDrained(ctx);
      }
      case Answer.Later later -> later(ctx, () -> Optional.of(Errands.answer(later)));
      case Answer.Held(var delay, var then) -> {
        busy = true;
        var _ = ctx.executor()
            .schedule(() -> resume(ctx, Optional.of(then)), delay.toMillis(), TimeUnit.MILLISECONDS);
      }
      case Answer.Prompt(var reply, var maxOctets) -> {
        arrivals.responseNext(maxOctets);
        write(ctx, reply);
      }
      case Answer.Turn(var reply, var then) -> turn(ctx, reply, then);
      case Answer.Become(var client, var hello) -> become(ctx, client, hello);
      case Answer.Lines(var reply, var sink) -> {
        arrivals.linesNext(sink);
        write(ctx, reply); // last: when it fills the channel, and the flush empties it, we are called again in here
      }
      case Answer.Octets chunk -> arrivals.chunkNext(chunk, session()).ifPresent(next -> handle(ctx, next));
    }
  }

  /** Greets anew, whoever it is now: a server in front of us waits for that. */
  private void become(ChannelHandlerContext ctx, Client client, Optional<Hello> hello) {
    var refusal = guest.become(client);
    if (refusal.isPresent()) {
      end(ctx, refusal.get());
      return;
    }
    hello.ifPresent(session()::begunBy);
    write(ctx, session().greeting());
    endWhenDrained(ctx);
  }

  /** From now on the client is the server, and we have no part in the dialogue any more. */
  private void turn(ChannelHandlerContext ctx, Reply reply, Consumer<Turned> then) {
    write(ctx, reply);
    ctx.flush();
    var reversal = new Reversal(ctx.pipeline().context(Guest.class), arrivals.surrender());
    busy = true;
    ctx.pipeline().replace(this, "reversal", reversal);
    errands.run(() -> {
      try {
        then.accept(reversal.turned(guest.client()));
      } finally {
        reversal.close(); // nobody else looks after it, should that have failed
      }
    });
  }

  /** The roles have been reversed: nobody is served over this connection any more. */
  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    paceCheck.cancel(false);
    if (ctx.channel().isActive()) {
      errands.close(session());
    }
  }

  private SmtpSession session() {
    return guest.session();
  }

  private void startTls(ChannelHandlerContext ctx, Reply reply) {
    if (!arrivals.isEmpty()) {
      handle(ctx, session().pipelinedBehindStartTls());
    } else {
      write(ctx, reply);
      ctx.flush();
      arrivals.handshakeNext();
      handshakes.begin(ctx.pipeline(), session(), limits.handshake());
    }
  }

  private void handshakeEnded(ChannelHandlerContext ctx, SslHandshakeCompletionEvent event) {
    handshakes.count(guest.client(), event);
    if (event.isSuccess() && arrivals.isHandshake()) {
      session().encrypted(TlsHandshakes.encryption(ctx.pipeline()));
      arrivals.commandsNext();
      if (!greeted) {
        greetInTime(ctx);
      }
      endWhenDrained(ctx);
    }
  }

  private void drainContent(ChannelHandlerContext ctx, MessageSink sink) {
    later(ctx, () -> {
      Errands.drain(sink);
      return Optional.empty();
    });
  }

  /** Runs {@code work} off the event loop, hands on what it answers, and reads nothing meanwhile. */
  private void later(ChannelHandlerContext ctx, Supplier<Optional<Answer>> work) {
    busy = true;
    errands.run(work, ctx.executor(), answer -> resume(ctx, answer),
        () -> session().last(ServerReplies.SESSION_FAILED));
  }

  private void resume(ChannelHandlerContext ctx, Optional<Answer> answer) {
    guarded(ctx, () -> goOn(ctx, answer));
  }

  /** Runs what is no event of the channel, so that a bug in it ends the session rather than leaving it hanging. */
  private void guarded(ChannelHandlerContext ctx, Runnable task) {
    try {
      task.run();
    } catch (RuntimeException e) {
      exceptionCaught(ctx, e);
    }
  }

  private void goOn(ChannelHandlerContext ctx, Optional<Answer> answer) {
    busy = false;
    pace.resumed();
    if (gone) {
      leave();
    } else {
      answer.ifPresent(known -> handle(ctx, known));
      proceed(ctx);
    }
  }

  private void endWhenDrained(ChannelHandlerContext ctx) {
    boolean isWaiting = arrivals.isCommand() || arrivals.isHandshake();
    if (draining && !busy && isWaiting && session().isBetweenMessages()) {
      end(ctx, ServerReplies.SHUTTING_DOWN);
    }
  }

  private void end(ChannelHandlerContext ctx, Reply reply) {
    sendLast(ctx, reply);
    if (!busy) {
      leave(); // what came of a message may be kept on the disk, for which the event loop must not wait
    }
  }

  private void leave() {
    if (!left) {
      left = true;
      errands.close(session());
    }
  }

  private void sendLast(ChannelHandlerContext ctx, Reply reply) {
    boolean isHeard = !arrivals.isHandshake();
    arrivals.end();
    if (isHeard) {
      LastWord.send(ctx, reply);
    } else {
      LastWord.close(ctx);
    }
  }

  private void schedulePaceCheck(ChannelHandlerContext ctx) {
    paceCheck = ctx.executor().schedule(() -> checkPace(ctx), pace.checkInterval().toMillis(), TimeUnit.MILLISECONDS);
  }

  private void checkPace(ChannelHandlerContext ctx) {
    if (gone || arrivals.isOver()) {
      return;
    }
    var complaint = busy || arrivals.isHandshake() ? Optional.<Reply>empty() : pace.complaint();
    complaint.ifPresentOrElse(reply -> end(ctx, reply), () -> schedulePaceCheck(ctx));
  }

  private void write(ChannelHandlerContext ctx, Reply reply) {
    var wire = ByteBufUtil.writeAscii(ctx.alloc(), reply.toWire());
    unflushed += wire.readableBytes();
    var _ = ctx.write(wire, ctx.voidPromise());
  }
}
