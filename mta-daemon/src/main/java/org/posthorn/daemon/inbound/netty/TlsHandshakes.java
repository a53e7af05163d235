package org.posthorn.daemon.inbound.netty;

import io.netty.channel.ChannelPipeline;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.ExtendedSSLSession;
import org.posthorn.daemon.inbound.Client;
import org.posthorn.daemon.inbound.Encryption;
import org.posthorn.daemon.inbound.InboundCounters;
import org.posthorn.daemon.inbound.SmtpSession;
import org.posthorn.daemon.tls.TlsEngines;
import org.posthorn.smtp.Printable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Encrypts connections. What a handshake computes would hold up the other connections of an event loop for milliseconds, and
 * so it runs on threads of its own, one a core. Safe for use by many threads.
 */
final class TlsHandshakes implements AutoCloseable {
  /** Handshakes that may wait for a thread; one more fails. A core does some 500 a second. */
  private static final int MAX_WAITING = 10_000;

  private static final Logger log = LoggerFactory.getLogger(TlsHandshakes.class);

  private final TlsEngines engines;
  private final InboundCounters counters;
  private final ExecutorService computing;

  TlsHandshakes(TlsEngines engines, InboundCounters counters) {
    this.engines = engines;
    this.counters = counters;
    int cores = Runtime.getRuntime().availableProcessors();
    var pool = new ThreadPoolExecutor(cores, cores, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(MAX_WAITING),
        Thread.ofPlatform().daemon().name("handshake-", 0).factory());
    pool.allowCoreThreadTimeOut(true);
    computing = pool;
  }

  /**
   * Begins a handshake on the connection of {@code pipeline}, from the event loop of the connection: what is read from now
   * on is taken for TLS. Its end is an event, a failure closes the connection.
   */
  void begin(ChannelPipeline pipeline, SmtpSession session, Duration timeLimit) {
    var tls = new SslHandler(engines.engine(session.wantsCertificate()), computing);
    tls.setHandshakeTimeoutMillis(timeLimit.toMillis());
    pipeline.addFirst(tls);
  }

  /** Returns what the handshake on the connection of {@code pipeline} has led to. */
  static Encryption encryption(ChannelPipeline pipeline) {
    return new Encryption((ExtendedSSLSession) pipeline.get(SslHandler.class).engine().getSession());
  }

  /** Whether a client that has ended its side of TLS may still be told something: since TLS 1.3 (RFC 8446 §6.1). */
  static boolean mayAnswerTheEnd(ChannelPipeline pipeline) {
    return encryption(pipeline).version().equals("TLSv1.3");
  }

  /** Counts and logs how a handshake has ended. */
  void count(Client client, SslHandshakeCompletionEvent event) {
    counters.handshake(event.isSuccess());
    if (!event.isSuccess()) {
      log.atInfo()
          .addKeyValue("client", client)
          .addKeyValue("reason", Printable.of(String.valueOf(event.cause().getMessage())))
          .log("TLS handshake failed");
    }
  }

  @Override
  public void close() {
    computing.shutdownNow();
  }
}
