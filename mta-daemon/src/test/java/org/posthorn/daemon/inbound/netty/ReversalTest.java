package org.posthorn.daemon.inbound.netty;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.posthorn.daemon.inbound.FrontEnds;
import org.posthorn.daemon.inbound.Inbound;
import org.posthorn.daemon.inbound.InboundSettings;
import org.posthorn.daemon.inbound.ListenerSettings.Kind;
import org.posthorn.daemon.inbound.NetworkSet;
import org.posthorn.daemon.inbound.OnDemandSettings;
import org.posthorn.daemon.inbound.RelaySettings;
import org.posthorn.daemon.inbound.TrustedCertificates;
import org.posthorn.daemon.inbound.Turned;
import org.posthorn.daemon.inbound.WaitingMail;
import org.posthorn.smtp.Domain;
import org.posthorn.smtp.QueueNode;

/** ATRN (RFC 2645) over a connection. A front end on this machine vouches for the login. */
class ReversalTest {
  private static final Duration LONG = Duration.ofMinutes(5);

  private final Inbound inbound = new Inbound();

  /** Who has the final dot, and whose 250 is on its way, must not be cut: the message would go again. */
  @Test
  void aStopLeavesDeliveryToTheQueue() throws Exception {
    var visit = new Visit();
    try (var running = new RunningListeners(inbound, visit);
        var client = turned(running.listen(Kind.ODMR, settings()))) {
      visit.begun.await();
      assertThat(running.first().drain(LONG)).as("nobody to wait for").isTrue();
      visit.goOn.countDown();
      assertThat(client.reply()).startsWith("EHLO mx.example.org");
      running.first().close();
      assertThat(client.isClosedByServer()).isTrue();
    }
  }

  /** It may wait for something else than the client, for as long as that takes. */
  @Test
  @Timeout(60)
  void aCloseWaitsForNobodyWhoDoesNotHearThatTheClientIsGone() throws Exception {
    var visit = new Visit();
    try (var running = new RunningListeners(inbound, visit).impatient();
        var client = turned(running.listen(Kind.ODMR, settings()))) {
      visit.begun.await();
      running.first().close();
      visit.interrupted.await();
      assertThat(client.isClosedByServer()).isTrue();
    }
  }

  /** Who is not answered, cannot write, or has a bug: the time limits of a delivery close the connection, and so does its end. */
  @ParameterizedTest
  @EnumSource(Trouble.class)
  void endsWithWhateverHasTheConnection(Trouble trouble) throws Exception {
    var visit = new TroubledVisit(trouble);
    try (var running = new RunningListeners(inbound, visit);
        var client = turned(running.listen(Kind.ODMR, settings()))) {
      visit.begun.await();
      if (trouble == Trouble.TRICKLES) {
        client.send("2");
      }
      if (trouble != Trouble.FAILS) {
        assertThat(visit.isBlocked()).isTrue();
        visit.turned.get().socket().close(); // as the watchdog of a delivery does it
      }
      visit.ended.await();
      client.skipAll();
      assertThat(running.first().drain(LONG)).isTrue();
      assertThat(running.first().connections()).isZero();
    }
  }

  /** Returns a client that has become the server. */
  private static TalkingClient turned(InetSocketAddress server) throws IOException {
    var client = new TalkingClient(server);
    client.reply();
    client.ask("XCLIENT LOGIN=branch");
    client.ask("EHLO x");
    assertThat(client.ask("ATRN example.com")).startsWith("250 2.0.0");
    return client;
  }

  private static InboundSettings settings() {
    var all = Inbound.settings();
    var front = NetworkSet.of(List.of("127.0.0.1"));
    var relay = new RelaySettings(front, TrustedCertificates.NONE, List.of(), new FrontEnds(front, front), Set.of());
    var onDemand = new OnDemandSettings(List.of(), Set.of(), NetworkSet.ANYWHERE,
        Map.of("branch", Set.of(Domain.of("example.com"))));
    return all.with(relay).with(all.extensions().with(onDemand));
  }

  enum Trouble {
    SILENT, TRICKLES, DOES_NOT_READ, FAILS
  }

  /** Mail waits for everybody, and nobody has come for it yet. */
  private interface OneVisit extends WaitingMail {
    @Override
    default OptionalLong start(QueueNode node) {
      return OptionalLong.of(0);
    }

    @Override
    default boolean waitsFor(Set<Domain> domains) {
      return true;
    }

    @Override
    default boolean isVisited(Set<Domain> domains) {
      return false;
    }
  }

  /** Waits for what does not come, or writes what nobody reads. */
  private static final class TroubledVisit implements OneVisit {
    private final Trouble trouble;
    private final CountDownLatch begun = new CountDownLatch(1);
    private final CountDownLatch ended = new CountDownLatch(1);
    private final AtomicReference<Turned> turned = new AtomicReference<>();

    TroubledVisit(Trouble trouble) {
      this.trouble = trouble;
    }

    boolean isBlocked() {
      return ended.getCount() > 0;
    }

    @Override
    public void deliver(Set<Domain> domains, Turned connection) {
      turned.set(connection);
      begun.countDown();
      try {
        switch (trouble) {
          case SILENT, TRICKLES -> connection.in().readAllBytes();
          case DOES_NOT_READ -> {
            while (connection.isOpen().getAsBoolean()) {
              connection.out().write(new byte[64 * 1024]);
            }
          }
          case FAILS -> throw new IllegalStateException("as the test wants it");
        }
      } catch (IOException _) {
        // the connection was closed under it
      } finally {
        ended.countDown();
      }
    }
  }

  private static final class Visit implements OneVisit {
    private final CountDownLatch begun = new CountDownLatch(1);
    private final CountDownLatch goOn = new CountDownLatch(1);
    private final CountDownLatch interrupted = new CountDownLatch(1);

    @Override
    public void deliver(Set<Domain> domains, Turned connection) {
      begun.countDown();
      try {
        goOn.await();
        connection.out().write("EHLO mx.example.org\r\n".getBytes(StandardCharsets.US_ASCII));
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
        interrupted.countDown();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
