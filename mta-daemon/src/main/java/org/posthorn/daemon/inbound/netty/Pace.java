package org.posthorn.daemon.inbound.netty;

import io.netty.util.concurrent.Ticker;
import java.time.Duration;
import java.util.Optional;
import org.posthorn.daemon.inbound.ConnectionLimits;
import org.posthorn.daemon.inbound.ServerReplies;
import org.posthorn.smtp.Reply;

/**
 * Whether a client is fast enough. A command must come whole within the limit, so that sending it octet by octet gains no
 * time; content must neither pause nor trickle, be it in one piece or in many chunks.
 */
final class Pace {
  private static final Duration LONGEST_INTERVAL = Duration.ofSeconds(15);
  private static final Duration WINDOW = Duration.ofMinutes(1);

  private final ConnectionLimits limits;
  private final Ticker ticker;
  private boolean inContent;
  private boolean inMessage;
  private long progressAt;
  private long windowAt;
  private long windowOctets;

  /** Measures by {@code ticker}, that of the connection's event loop. */
  Pace(ConnectionLimits limits, Ticker ticker) {
    this.limits = limits;
    this.ticker = ticker;
    resumed();
  }

  /** A command has come, or a message has ended. */
  void progressed() {
    inMessage = false;
    betweenChunks();
  }

  /** The next chunk of a message is still to come. */
  void betweenChunks() {
    inContent = false;
    progressAt = ticker.nanoTime();
  }

  /** From now on a message comes, or its next chunk: who sends many small ones is no faster for it. */
  void contentBegins() {
    if (!inMessage) {
      resumed();
    }
    inMessage = true;
    inContent = true;
    progressAt = ticker.nanoTime();
  }

  /** We have kept the client waiting, for which it is not to blame. */
  void resumed() {
    progressAt = ticker.nanoTime();
    windowAt = progressAt;
    windowOctets = 0;
  }

  void octetsCame(int octets) {
    windowOctets += octets;
    if (inContent) {
      progressAt = ticker.nanoTime();
    }
  }

  /** Returns what to tell a client that is too slow. */
  Optional<Reply> complaint() {
    long now = ticker.nanoTime();
    if (now - progressAt > (inContent ? limits.dataIdle() : limits.commandIdle()).toNanos()) {
      return Optional.of(ServerReplies.TIMED_OUT);
    }
    Duration window = Duration.ofNanos(now - windowAt);
    if (!inMessage || window.compareTo(shorter(WINDOW, limits.dataIdle())) < 0) {
      return Optional.empty();
    }
    boolean tooSlow = windowOctets < window.toMillis() * limits.bytesPerSecond() / 1000;
    windowAt = now;
    windowOctets = 0;
    return tooSlow ? Optional.of(ServerReplies.TOO_SLOW) : Optional.empty();
  }

  /** Returns how often to look: often enough that no limit is overdrawn by more than a quarter. */
  Duration checkInterval() {
    var quarter = shorter(limits.commandIdle(), limits.dataIdle()).dividedBy(4).plusMillis(1);
    return shorter(quarter, LONGEST_INTERVAL);
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }
}
