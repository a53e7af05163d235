package org.posthorn.daemon.inbound.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * A connection without a network, whose clock moves when told to: {@link #pass}. The client at its other end reads what it
 * is sent until it {@linkplain #stopReading stops}.
 */
final class TalkedChannel extends EmbeddedChannel {
  private final StringBuilder replies = new StringBuilder();
  private boolean isReading = true;
  private boolean wantsMore;
  private Duration age = Duration.ZERO;

  TalkedChannel() {
    freezeTime();
    config().setAutoRead(false);
  }

  /** Sends octets, one character each. */
  void send(String octets) {
    if (isOpen()) {
      wantsMore = false;
      writeInbound(Unpooled.copiedBuffer(octets, StandardCharsets.ISO_8859_1));
      runPendingTasks();
    }
  }

  /** Lets time pass, and all happen that is due then. */
  void pass(Duration time) {
    var end = age.plus(time);
    while (age.compareTo(end) < 0 && isOpen()) {
      advanceTimeBy(1, TimeUnit.SECONDS);
      runPendingTasks();
      age = age.plusSeconds(1);
    }
  }

  /** Takes nothing more that is sent to it. */
  void stopReading() {
    isReading = false;
  }

  /** Whether more has been asked for since the client last sent something: only then does it get through. */
  boolean wantsMore() {
    return wantsMore;
  }

  /** Returns how long it was open, or is. */
  Duration age() {
    return age;
  }

  /** Returns what has come since it was last asked for. */
  String replies() {
    for (ByteBuf reply = readOutbound(); reply != null; reply = readOutbound()) {
      replies.append(reply.toString(StandardCharsets.ISO_8859_1));
      reply.release();
    }
    var all = replies.toString();
    replies.setLength(0);
    return all;
  }

  /** Returns how many octets wait for the client to take them. */
  long unread() {
    ChannelOutboundBuffer waiting = unsafe().outboundBuffer();
    return waiting == null ? 0 : waiting.totalPendingWriteBytes();
  }

  @Override
  protected void doBeginRead() {
    wantsMore = true;
  }

  @Override
  protected void doWrite(ChannelOutboundBuffer waiting) throws Exception {
    if (isReading) {
      super.doWrite(waiting);
    }
  }

  @Override
  public String toString() {
    return "after " + age + (isOpen() ? ", open" : ", closed");
  }
}
