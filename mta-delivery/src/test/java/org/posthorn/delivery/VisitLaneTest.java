package org.posthorn.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.posthorn.delivery.tls.Authorities;
import org.posthorn.delivery.tls.TlsLevel;
import org.posthorn.queue.Destination;
import org.posthorn.queue.Handling.TlsWish;
import org.posthorn.queue.RemoteTls;
import org.posthorn.smtp.AddressLiteral;
import org.posthorn.smtp.Domain;
import org.posthorn.testkit.ScriptedServer;
import org.posthorn.testkit.SettableClock;

/** A server has come for the mail of branch.example, and now takes it (RFC 2645). */
class VisitLaneTest {
  private static final Route BRANCH = new Route.OnDemand(Domain.of("branch.example"));
  private static final Set<Destination> DESTINATIONS = Set.of(BRANCH.destination());
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Mail MAIL = Mail.to("a@branch.example");
  private static final String HELLO = "S: 220 x\nC: EHLO .*\nS: 250-x\\n250 %s\n";
  private static final String TRANSACTION = """
                                            C: MAIL FROM:<sender@origin.example>%s
                                            S: 250 ok
                                            C: RCPT .*
                                            S: %s
                                            """;
  private static final String CONTENT = """
                                        C: DATA
                                        S: 354 go
                                        DATA:
                                        S: 250 ok
                                        """;

  private final SettableClock clock = new SettableClock(Outbound.NOW);
  private final Visits visits = new Visits(clock);

  @ParameterizedTest(name = "{0} and {1} over {2} to a server with {3}: {4}")
  @CsvSource(delimiter = '|', value = {
      // what the settings want | what the sender wants | how it came | what it offers | what becomes of it
      "OPPORTUNISTIC | USUAL | in clear | DSN | delivered",
      "ENCRYPT | USUAL | in clear | DSN | deferred 4.7.4",
      "ENCRYPT | WAIVED | in clear | DSN | deferred 4.7.4",
      "ENCRYPT | USUAL | TLS | DSN | delivered",
      "VERIFY | USUAL | TLS | DSN | deferred 4.7.5",
      "VERIFY | USUAL | TLS and bound to it | DSN | delivered",
      "OPPORTUNISTIC | REQUIRED | in clear | REQUIRETLS | deferred 4.7.4",
      "OPPORTUNISTIC | REQUIRED | TLS | REQUIRETLS | deferred 4.7.5",
      "OPPORTUNISTIC | REQUIRED | TLS and bound to it | REQUIRETLS | delivered REQUIRETLS",
      "OPPORTUNISTIC | REQUIRED | TLS and bound to it | DSN | failed 5.7.30"})
  void handsOverWhatTheConnectionIsFitFor(TlsLevel level, TlsWish wish, String how, String offered, String outcome)
      throws Exception {
    String script = HELLO.formatted(offered);
    if (outcome.startsWith("delivered")) {
      script += TRANSACTION.formatted(outcome.substring("delivered".length()), "250 ok") + CONTENT;
    }
    try (var server = ScriptedServer.start(script + "C: QUIT\nS: 221 bye\n");
        var outbound = outbound(level);
        var lane = outbound.open(BRANCH)) {
      try (var _ = outbound.receive(visitor(server, tls(how)), DESTINATIONS)) {
        var attempt = lane.deliver(MAIL.withTls(wish).task(BRANCH));
        assertThat(RequireTlsTest.told(Outbound.outcome(attempt, 0))).isEqualTo(outcome.replace(" REQUIRETLS", ""));
      }
      server.assertFinished();
    }
  }

  @Test
  void showsWhoIsThereAndCountsWhatTheyTake() throws Exception {
    String script = HELLO.formatted("DSN") + TRANSACTION.formatted("", "250 ok") + CONTENT
        + TRANSACTION.formatted("", "550 5.1.1 nobody") + "C: QUIT\nS: 221 bye\n";
    try (var server = ScriptedServer.start(script);
        var outbound = outbound(TlsLevel.OPPORTUNISTIC);
        var lane = outbound.open(BRANCH)) {
      assertThat(visits.now()).isEmpty();
      try (var visitor = outbound.receive(visitor(server, tls("TLS")), DESTINATIONS)) {
        lane.deliver(MAIL.task(BRANCH));
        lane.deliver(MAIL.task(BRANCH));
        assertThat(visits.now()).singleElement().satisfies(visit -> {
          assertThat(visit.destinations()).isEqualTo(DESTINATIONS);
          assertThat(visit.since()).isEqualTo(Outbound.NOW);
          assertThat(visit.messages()).as("one was refused").isOne();
          assertThat(visit.server().tls()).isEqualTo(tls("TLS"));
        });
        assertThat(visitor.visit().messages()).isOne();
      }
      assertThat(visits.now()).isEmpty();
      assertThat(visits.begun()).isOne();
      assertThat(visits.messages()).isOne();
    }
  }

  @Test
  void isIdleWhenNothingGoesOverItForLong() throws Exception {
    String script = HELLO.formatted("DSN") + TRANSACTION.formatted("", "250 ok") + CONTENT + "C: QUIT\nS: 221 bye\n";
    try (var server = ScriptedServer.start(script);
        var outbound = outbound(TlsLevel.OPPORTUNISTIC);
        var lane = outbound.open(BRANCH);
        var visitor = outbound.receive(visitor(server, Optional.empty()), DESTINATIONS)) {
      clock.advance(PATIENCE);
      assertThat(visitor.isIdle()).isFalse();
      lane.deliver(MAIL.task(BRANCH));
      clock.advance(PATIENCE);
      assertThat(visitor.isIdle()).as("it was just used").isFalse();
      clock.advance(Duration.ofMillis(1));
      assertThat(visitor.isIdle()).isTrue();
    }
  }

  /** Another destination may be waiting for the lane. */
  @Test
  void aLaneDoesNotWaitForLongWhileAnotherTalks() throws Exception {
    var crowded = new Visits(clock, Duration.ofMillis(1));
    var settings = Outbound.settings(ClientTimeouts.all(PATIENCE), DeliverySettings.SMTP_PORT, TlsLevel.OPPORTUNISTIC,
        Authorities.OF_SYSTEM);
    try (var server = ScriptedServer.start(HELLO.formatted("DSN") + "C: QUIT\nS: 221 bye\n");
        var outbound = Outbound.with(settings, crowded);
        var lane = outbound.open(BRANCH);
        var visitor = outbound.receive(visitor(server, Optional.empty()), DESTINATIONS)) {
      assertThat(crowded.enter(BRANCH.destination())).as("the other lane").isPresent();
      assertThat(RequireTlsTest.told(Outbound.outcome(lane.deliver(MAIL.task(BRANCH)), 0))).isEqualTo("deferred 4.4.1");
      crowded.leave(BRANCH.destination(), Visits.Use.TAKEN);
      assertThat(visitor.takePutOff()).isTrue();
      assertThat(visitor.takePutOff()).as("it is asked for once").isFalse();
    }
  }

  private Outbound outbound(TlsLevel level) {
    return Outbound.with(
        Outbound.settings(ClientTimeouts.all(PATIENCE), DeliverySettings.SMTP_PORT, level, Authorities.OF_SYSTEM),
        visits);
  }

  private static Optional<RemoteTls> tls(String how) {
    return how.startsWith("TLS")
        ? Optional.of(new RemoteTls("TLSv1.3", "TLS_AES_128_GCM_SHA256",
            how.endsWith("bound to it") ? Optional.empty() : Optional.of("its login is not bound to TLS")))
        : Optional.empty();
  }

  private static Reversed visitor(ScriptedServer server, Optional<RemoteTls> tls) throws IOException {
    var address = server.address();
    var socket = new Socket(address.getAddress(), address.getPort());
    return new Reversed(new AddressLiteral(address.getAddress()), address, tls, socket.getInputStream(),
        socket.getOutputStream(), socket);
  }
}
