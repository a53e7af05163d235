package org.posthorn.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.posthorn.delivery.Outbound.outcome;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.posthorn.queue.Outcome;
import org.posthorn.smtp.AddressLiteral;
import org.posthorn.smtp.Domain;

/** Servers that come for their mail (RFC 2645), and then do not answer, trickle, or do not read. */
@Timeout(120)
class SlowVisitorTest {
  private static final Duration SHORT = Duration.ofMillis(500);
  private static final Route.OnDemand ROUTE = new Route.OnDemand(Domain.of("example.com"));
  private static final String GREETING = "220 visitor.example\r\n250-visitor.example\r\n250 PIPELINING\r\n";

  /** What the other side does behind the octets that it sends at once. */
  enum Then {
    NOTHING, TRICKLES
  }

  @ParameterizedTest(name = "after {0} {1}")
  @CsvSource({"'', NOTHING", "'', TRICKLES", "'220 ', TRICKLES", "'220-x\r\n220-y\r\n', TRICKLES",
      "'220 visitor.example\r\n', NOTHING", "'220 visitor.example\r\n250-a\r\n250-', TRICKLES"})
  void isLeftWhenItDoesNotSayHello(String said, Then then) throws Exception {
    var visitor = new StalledVisitor(said, then, Integer.MAX_VALUE);
    try (var outbound = Outbound.with(ClientTimeouts.all(SHORT))) {
      assertThatThrownBy(() -> outbound.receive(visitor.reversed(), Set.of(ROUTE.destination())))
          .isInstanceOf(IOException.class);
    }
    assertThat(visitor.isClosed()).isTrue();
  }

  @ParameterizedTest(name = "after {0} {1}, taking {2} octets")
  @CsvSource({"'', NOTHING, 100000000", "'', TRICKLES, 100000000", "'250 ok\r\n250 ok\r\n354 go on\r\n', NOTHING, 3000",
      "'250 ok\r\n250 ok\r\n354 go on\r\n', TRICKLES, 100000000", "'', NOTHING, 60"})
  void isLeftInTheMiddleOfAMessage(String said, Then then, int takes) throws Exception {
    var visitor = new StalledVisitor(GREETING + said, then, takes);
    try (var outbound = Outbound.with(ClientTimeouts.all(SHORT));
        var received = outbound.receive(visitor.reversed(), Set.of(ROUTE.destination()));
        var lane = outbound.open(ROUTE)) {
      var mail = Mail.to("x@example.com").withContent("Subject: x\r\n\r\n" + "x\r\n".repeat(100_000));
      assertThat(outcome(lane.deliver(mail.task(ROUTE)), 0)).isInstanceOf(Outcome.Deferred.class);
      assertThat(received.awaitGone(Duration.ofSeconds(60))).as("the visit is over").isTrue();
    }
    assertThat(visitor.isClosed()).isTrue();
  }

  @Test
  void isNotWaitedForWhenItDoesNotTakeTheGoodbye() throws Exception {
    var visitor = new StalledVisitor(GREETING, Then.NOTHING, Integer.MAX_VALUE);
    try (var outbound = Outbound.with(ClientTimeouts.all(SHORT))) {
      outbound.receive(visitor.reversed(), Set.of(ROUTE.destination())).close();
    }
    assertThat(visitor.isClosed()).isTrue();
  }

  /** The other side: sends what it has, and then nothing or now and then an octet; takes so many octets and no more. */
  private static final class StalledVisitor {
    private final CountDownLatch closed = new CountDownLatch(1);
    private final InputStream in;
    private final Then then;
    private int takes;

    StalledVisitor(String said, Then then, int takes) {
      this.then = then;
      this.takes = takes;
      in = new SequenceInputStream(new ByteArrayInputStream(said.getBytes(StandardCharsets.US_ASCII)), new Rest());
    }

    boolean isClosed() {
      return closed.getCount() == 0;
    }

    Reversed reversed() {
      return new Reversed(new AddressLiteral(InetAddress.ofLiteral("198.51.100.7")),
          new InetSocketAddress(InetAddress.ofLiteral("198.51.100.7"), 40_000), Optional.empty(), in, new Mouth(),
          closed::countDown);
    }

    private void awaitClose() throws IOException {
      try {
        closed.await();
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
      }
      throw new IOException("closed");
    }

    private final class Rest extends InputStream {
      @Override
      public int read() throws IOException {
        try {
          if (then == Then.NOTHING || closed.await(20, TimeUnit.MILLISECONDS)) {
            awaitClose();
          }
        } catch (InterruptedException _) {
          Thread.currentThread().interrupt();
        }
        return 'x';
      }

      @Override
      public int read(byte[] buffer, int offset, int length) throws IOException {
        buffer[offset] = (byte) read();
        return 1;
      }
    }

    private final class Mouth extends OutputStream {
      @Override
      public void write(int octet) throws IOException {
        write(new byte[]{(byte) octet}, 0, 1);
      }

      @Override
      public void write(byte[] buffer, int offset, int length) throws IOException {
        takes -= length;
        if (takes < 0) {
          awaitClose();
        }
      }
    }
  }
}
