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
import java.io.UncheckedIOException;
import java.util.Arrays;
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
import org.posthorn.daemon.inbound.NotSmtp;
import org.posthorn.daemon.inbound.ServerReplies;
import org.posthorn.daemon.inbound.SmtpSession;
import org.posthorn.daemon.inbound.Turned;
import org.posthorn.smtp.CommandLine;
import org.posthorn.smtp.DotDecoder;
import org.posthorn.smtp.LineFraming;
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
  private static final byte[] NO_OCTETS = new byte[0];
  /** Replies that wait for a flush: under TLS nobody else counts them. */
  private static final int MAX_UNFLUSHED = 16 * 1024;

  private final Guest guest;
  private final ConnectionLimits limits;
  private final LineFraming framing;
  private final Executor blocking;
  private final TlsHandshakes handshakes;
  private final Pace pace;

  private Input input = new Input.Commands();
  private byte[] octets = NO_OCTETS;
  private int at;
  private Future<?> paceCheck = CompletableFuture.completedFuture(null);
  private int unflushed;
  private boolean isProceeding;
  private boolean greeted;
  private boolean heard;
  private boolean busy;
  private boolean gone;
  private boolean draining;

  /** @param ticker what the event loop of the connection measures time with */
  SmtpConnection(Guest guest, InboundSettings settings, Executor blocking, TlsHandshakes handshakes, Ticker ticker) {
    this.guest = guest;
    this.limits = settings.connections();
    this.framing = new LineFraming(settings.session().commandLineBytes());
    this.blocking = blocking;
    this.handshakes = handshakes;
    this.pace = new Pace(limits, ticker);
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    log.atDebug().addKeyValue("client", guest.client()).log("connect");
    schedulePaceCheck(ctx);
    if (ctx.pipeline().get(SslHandler.class) == null) {
      greetInTime(ctx);
    } else {
      input = new Input.Handshake(); // RFC 8314 §3.3: the greeting is encrypted too
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
      if (input instanceof Input.Nothing) {
        return;
      }
      pace.octetsCame(buffer.readableBytes());
      add(buffer);
    } finally {
      buffer.release();
    }
    if (!greeted) {
      end(ctx, ServerReplies.SPOKE_TOO_EARLY);
    } else if (!heard && at < octets.length && NotSmtp.isTls(octets[0])) {
      end(ctx, ServerReplies.NOT_SMTP);
    }
    heard = true;
  }

  /** One packet may come in pieces, as TLS has cut it. */
  private void add(ByteBuf buffer) {
    int left = octets.length - at;
    var all = new byte[left + buffer.readableBytes()];
    System.arraycopy(octets, at, all, 0, left);
    buffer.readBytes(all, left, all.length - left);
    octets = all;
    at = 0;
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
    } else if (event instanceof ChannelInputShutdownEvent || event instanceof SslCloseCompletionEvent) {
      // All that came before it has been answered; the answers may still be on their way.
      var _ = ctx.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    gone = true;
    paceCheck.cancel(false);
    if (!busy) {
      Errand.close(session(), blocking);
    }
    log.atDebug().addKeyValue("client", guest.client()).log("disconnect");
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (cause instanceof IOException || cause.getCause() instanceof SSLException) {
      log.atDebug().addKeyValue("client", guest.client()).setCause(cause).log("connection lost");
      LastWord.close(ctx);
    } else if (!(input instanceof Input.Nothing)) {
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
    if (!greeted && !(input instanceof Input.Nothing)) {
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
    if (at == octets.length && !busy && ctx.channel().isWritable()) {
      octets = NO_OCTETS;
      at = 0;
      ctx.read();
    }
  }

  private boolean canStep(ChannelHandlerContext ctx) {
    return at < octets.length && !busy && ctx.channel().isWritable();
  }

  private void step(ChannelHandlerContext ctx) {
    switch (input) {
      case Input.Commands _ -> {
        at = framing.take(octets, at, octets.length);
        framing.poll().ifPresent(line -> command(ctx, line));
      }
      case Input.Response(var longer) -> {
        at = longer.take(octets, at, octets.length);
        longer.poll().ifPresent(line -> {
          commandsNext();
          handle(ctx, session().response(line));
        });
      }
      case Input.Lines(var decoder, var sink) -> lines(ctx, decoder, sink);
      case Input.Octets chunk -> {
        at = chunk.take(octets, at, octets.length);
        if (chunk.isComplete()) {
          endOfChunk(ctx, chunk);
        } else {
          drainWhenFull(ctx, chunk.sink());
        }
      }
      case Input.Handshake _ -> throw new IllegalStateException("octets before the end of the handshake");
      case Input.Nothing _ -> at = octets.length;
    }
  }

  private void command(ChannelHandlerContext ctx, CommandLine line) {
    if (line instanceof CommandLine.Text(var text) && NotSmtp.isHttp(text)) {
      end(ctx, ServerReplies.NOT_SMTP);
      return;
    }
    Answer answer = session().answer(line.command());
    if (!(answer instanceof Answer.Octets)) { // a further chunk goes on with what there was
      pace.progressed();
    }
    handle(ctx, answer);
  }

  private void lines(ChannelHandlerContext ctx, DotDecoder decoder, MessageSink sink) {
    try {
      at = decoder.take(octets, at, octets.length, sink);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // no MessageSink throws it
    }
    if (decoder.isEnded()) {
      commandsNext();
      handle(ctx, session().endOfData());
    } else {
      drainWhenFull(ctx, sink);
    }
  }

  private void endOfChunk(ChannelHandlerContext ctx, Input.Octets chunk) {
    input = new Input.Commands();
    Answer answer = session().endOfChunk(chunk.length());
    if (session().isBetweenMessages()) {
      pace.progressed();
    } else {
      pace.betweenChunks();
    }
    handle(ctx, answer);
  }

  private void commandsNext() {
    input = new Input.Commands();
    pace.progressed();
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
      case Answer.Later later -> later(ctx, () -> Optional.of(Errand.run(later)));
      case Answer.Held(var delay, var then) -> {
        busy = true;
        var _ = ctx.executor()
            .schedule(() -> guarded(ctx, () -> resume(ctx, Optional.of(then))), delay.toMillis(),
                TimeUnit.MILLISECONDS);
      }
      case Answer.Prompt(var reply, var maxOctets) -> {
        input = new Input.Response(new LineFraming(maxOctets));
        write(ctx, reply);
      }
      case Answer.Turn(var reply, var then) -> turn(ctx, reply, then);
      case Answer.Become(var client, var hello) -> become(ctx, client, hello);
      case Answer.Lines(var reply, var sink) -> {
        input = new Input.Lines(new DotDecoder(), sink);
        pace.contentBegins();
        write(ctx, reply); // last: when it fills the channel, and the flush empties it, we are called again in here
      }
      case Answer.Octets(var length, var sink) -> {
        var chunk = new Input.Octets(length, sink);
        input = chunk;
        pace.contentBegins();
        if (chunk.isComplete()) {
          endOfChunk(ctx, chunk);
        }
      }
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
    var reversal = new Reversal(ctx.pipeline().context(Guest.class), Arrays.copyOfRange(octets, at, octets.length));
    at = octets.length;
    input = new Input.Nothing();
    busy = true;
    ctx.pipeline().replace(this, "reversal", reversal);
    blocking.execute(() -> then.accept(reversal.turned()));
  }

  /** The roles have been reversed: nobody is served over this connection any more. */
  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    paceCheck.cancel(false);
    if (ctx.channel().isActive()) {
      Errand.close(session(), blocking);
    }
  }

  private SmtpSession session() {
    return guest.session();
  }

  private void startTls(ChannelHandlerContext ctx, Reply reply) {
    if (at < octets.length) {
      handle(ctx, session().pipelinedBehindStartTls());
    } else {
      write(ctx, reply);
      ctx.flush();
      input = new Input.Handshake();
      handshakes.begin(ctx.pipeline(), session(), limits.handshake());
    }
  }

  private void handshakeEnded(ChannelHandlerContext ctx, SslHandshakeCompletionEvent event) {
    handshakes.count(guest.client(), event);
    if (event.isSuccess() && input instanceof Input.Handshake) {
      session().encrypted(TlsHandshakes.encryption(ctx.pipeline()));
      commandsNext();
      if (!greeted) {
        greetInTime(ctx);
      }
      endWhenDrained(ctx);
    }
  }

  private void drainWhenFull(ChannelHandlerContext ctx, MessageSink sink) {
    if (sink.isFull()) {
      later(ctx, () -> {
        Errand.drain(sink);
        return Optional.empty();
      });
    }
  }

  /** Runs {@code work} off the event loop, hands on what it answers, and reads nothing meanwhile. */
  private void later(ChannelHandlerContext ctx, Supplier<Optional<Answer>> work) {
    busy = true;
    blocking.execute(() -> run(ctx, work));
  }

  /** An error that is no exception ends the session too, rather than leaving it waiting. */
  private void run(ChannelHandlerContext ctx, Supplier<Optional<Answer>> work) {
    Runnable next = () -> resume(ctx, Optional.of(session().last(ServerReplies.SESSION_FAILED)));
    try {
      var answer = work.get();
      next = () -> resume(ctx, answer);
    } finally {
      Runnable then = next;
      ctx.executor().execute(() -> guarded(ctx, then));
    }
  }

  /** Runs what is no event of the channel, so that a bug in it ends the session rather than leaving it hanging. */
  private void guarded(ChannelHandlerContext ctx, Runnable task) {
    try {
      task.run();
    } catch (RuntimeException e) {
      exceptionCaught(ctx, e);
    }
  }

  private void resume(ChannelHandlerContext ctx, Optional<Answer> answer) {
    busy = false;
    pace.resumed();
    if (gone) {
      Errand.close(session(), blocking);
    } else {
      answer.ifPresent(known -> handle(ctx, known));
      proceed(ctx);
    }
  }

  private void endWhenDrained(ChannelHandlerContext ctx) {
    boolean isWaiting = input instanceof Input.Commands || input instanceof Input.Handshake;
    if (draining && !busy && isWaiting && session().isBetweenMessages()) {
      end(ctx, ServerReplies.SHUTTING_DOWN);
    }
  }

  private void end(ChannelHandlerContext ctx, Reply reply) {
    sendLast(ctx, session().last(reply).reply());
  }

  private void sendLast(ChannelHandlerContext ctx, Reply reply) {
    boolean isHeard = !(input instanceof Input.Handshake);
    input = new Input.Nothing();
    at = octets.length;
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
    if (gone || input instanceof Input.Nothing) {
      return;
    }
    var complaint = busy || input instanceof Input.Handshake ? Optional.<Reply>empty() : pace.complaint();
    complaint.ifPresentOrElse(reply -> end(ctx, reply), () -> schedulePaceCheck(ctx));
  }

  private void write(ChannelHandlerContext ctx, Reply reply) {
    var wire = ByteBufUtil.writeAscii(ctx.alloc(), reply.toWire());
    unflushed += wire.readableBytes();
    var _ = ctx.write(wire, ctx.voidPromise());
  }
}
