package org.posthorn.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.posthorn.delivery.Outbound.outcome;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.posthorn.delivery.tls.Authorities;
import org.posthorn.delivery.tls.TlsLevel;
import org.posthorn.dns.FixedResolver;
import org.posthorn.queue.Outcome;
import org.posthorn.queue.RemoteMta;
import org.posthorn.queue.RemoteTls;
import org.posthorn.smtp.Domain;
import org.posthorn.testkit.ScriptedServer;
import org.posthorn.testkit.TestTls;

class StartTlsTest {
  private static final Mail MAIL = Mail.to("a@peer.example");
  private static final String OFFER = """
                                      S: 220 mx1.peer.example
                                      C: EHLO client.origin.example
                                      S: 250-mx1.peer.example\\n250-PIPELINING\\n250 STARTTLS
                                      """;
  private static final String NO_OFFER = """
                                         S: 220 mx1.peer.example
                                         C: EHLO client.origin.example
                                         S: 250 mx1.peer.example
                                         """;
  private static final String TLS = """
                                    C: STARTTLS
                                    S: 220 go
                                    TLS: %s
                                    C: EHLO client.origin.example
                                    S: 250 mx1.peer.example
                                    """;
  private static final String MESSAGE = """
                                        C: MAIL FROM:<sender@origin.example>
                                        S: 250 ok
                                        C: RCPT TO:<a@peer.example>
                                        S: 250 ok
                                        C: DATA
                                        S: 354 go
                                        DATA:
                                        S: 250 taken
                                        """;
  private static final String REFUSES = "C: STARTTLS\nS: 454 4.7.0 not now\n";
  private static final String BREAKS = "C: STARTTLS\nS: 220 go\nRAW: that is no TLS\\r\\n\nCLOSE:\n";

  @TempDir
  private Path folder;

  @ParameterizedTest(name = "{0} with a server that {1}: {2}")
  @CsvSource({
      "OFF, offers it, delivered in clear text",
      "OPPORTUNISTIC, offers nothing, delivered in clear text",
      "OPPORTUNISTIC, refuses, delivered in clear text",
      "OPPORTUNISTIC, breaks, delivered in clear text",
      "OPPORTUNISTIC, peer, delivered verified",
      "OPPORTUNISTIC, stranger, delivered: its certificate is not for mx1.peer.example",
      "OPPORTUNISTIC, expired, 'delivered: its certificate, or one that leads to it, is not valid: expired'",
      "ENCRYPT, offers nothing, deferred 4.7.4",
      "ENCRYPT, refuses, deferred 4.7.4",
      "ENCRYPT, refuses for good, deferred 4.7.4",
      "ENCRYPT, breaks, deferred 4.7.5",
      "ENCRYPT, expired, 'delivered: its certificate, or one that leads to it, is not valid: expired'",
      "VERIFY, peer, delivered verified",
      "VERIFY, stranger, deferred 4.7.5",
      "VERIFY, expired, deferred 4.7.5",
      "VERIFY, offers nothing, deferred 4.7.4"})
  void protectsTheWayAsTheSettingsAsk(TlsLevel level, String server, String outcome) throws Exception {
    boolean isDelivered = outcome.startsWith("delivered");
    String[] scripts = switch (server) {
      case "offers it" -> new String[]{OFFER + "C: MAIL .*\nLEAVE:"};
      case "offers nothing" -> new String[]{NO_OFFER + (isDelivered ? MESSAGE : "")};
      case "refuses" -> new String[]{OFFER.replace("250-PIPELINING\\n", "") + REFUSES + (isDelivered ? MESSAGE : "")};
      case "refuses for good" -> new String[]{OFFER + REFUSES.replace("454 4.7.0 not now", "502 5.5.1 what")};
      case "breaks" -> isDelivered ? new String[]{OFFER + BREAKS, NO_OFFER + MESSAGE} : new String[]{OFFER + BREAKS};
      default -> new String[]{OFFER + TLS.formatted(server) + (isDelivered ? MESSAGE : "")};
    };
    if (level == TlsLevel.OFF) {
      scripts = new String[]{OFFER.replace("250-PIPELINING\\n", "") + MESSAGE};
    }
    try (var peer = ScriptedServer.start(scripts); var outbound = outbound(peer, level)) {
      var attempt = outbound.deliver(MAIL, toMx());
      peer.assertFinished();
      assertThat(told(outcome(attempt, 0))).isEqualTo(outcome);
    }
  }

  @Test
  void doesNotTryAgainWhatBrokeAWhileAgo() throws Exception {
    try (
        var peer = ScriptedServer.start(OFFER + BREAKS, NO_OFFER + MESSAGE,
            OFFER.replace("250-PIPELINING\\n", "") + MESSAGE);
        var outbound = outbound(peer, TlsLevel.OPPORTUNISTIC)) {
      assertThat(told(outcome(outbound.deliver(MAIL, toMx()), 0))).isEqualTo("delivered in clear text");
      assertThat(told(outcome(outbound.deliver(MAIL, toMx()), 0))).isEqualTo("delivered in clear text");
      peer.assertFinished();
    }
  }

  @Test
  void forgetsWhatTheServerOfferedInClearText() throws Exception {
    String script = OFFER.replace("250-PIPELINING", "250-SIZE 10\\n250-SMTPUTF8\\n250-CHUNKING") + TLS.formatted("peer")
        + MESSAGE;
    try (var peer = ScriptedServer.start(script); var outbound = outbound(peer, TlsLevel.VERIFY)) {
      assertThat(told(outcome(outbound.deliver(MAIL, toMx()), 0))).isEqualTo("delivered verified");
      peer.assertFinished();
    }
  }

  @Test
  void keepsAnEncryptedConnectionForTheNextMessage() throws Exception {
    try (var peer = ScriptedServer.start(OFFER + TLS.formatted("peer") + MESSAGE + MESSAGE + "C: QUIT\nS: 221 bye");
        var outbound = outbound(peer, TlsLevel.OPPORTUNISTIC);
        var lane = outbound.open(toMx())) {
      assertThat(told(outcome(lane.deliver(MAIL.task(toMx())), 0))).isEqualTo("delivered verified");
      assertThat(told(outcome(lane.deliver(MAIL.task(toMx())), 0))).isEqualTo("delivered verified");
      assertThat(peer.connections()).isEqualTo(1);
    }
  }

  @Test
  void noticesThatAnEncryptedServerHasSaidGoodbyeMeanwhile() throws Exception {
    String first = OFFER + TLS.formatted("peer") + MESSAGE + "S: 421 4.4.2 idle\nCLOSE:";
    try (var peer = ScriptedServer.start(first, OFFER + TLS.formatted("peer") + MESSAGE);
        var outbound = outbound(peer, TlsLevel.OPPORTUNISTIC);
        var lane = outbound.open(toMx())) {
      assertThat(told(outcome(lane.deliver(MAIL.task(toMx())), 0))).isEqualTo("delivered verified");
      assertThat(told(outcome(lane.deliver(MAIL.task(toMx())), 0))).isEqualTo("delivered verified");
    }
  }

  @ParameterizedTest
  @CsvSource({"OPPORTUNISTIC, delivered in clear text", "VERIFY, deferred 4.7.5"})
  void waitsForAHandshakeNoLongerThanForAConnection(TlsLevel level, String outcome) throws Exception {
    try (var peer = ScriptedServer.start(OFFER + "C: STARTTLS\nS: 220 go\nHOLD:", NO_OFFER + MESSAGE);
        var outbound = Outbound.with(resolver(), Outbound.settings(hasty(), peer.address().getPort(), level,
            authorities()))) {
      assertThat(told(outcome(outbound.deliver(MAIL, toMx()), 0))).isEqualTo(outcome);
    }
  }

  private static ClientTimeouts hasty() {
    var patient = Duration.ofSeconds(60);
    return new ClientTimeouts(Duration.ofMillis(500), patient, patient, patient, patient, patient, patient);
  }

  @Test
  void anInterruptEndsTheWaitForAHandshake() throws Exception {
    try (var peer = ScriptedServer.start(OFFER + "C: STARTTLS\nS: 220 go\nHOLD:");
        var outbound = outbound(peer, TlsLevel.OPPORTUNISTIC)) {
      var lane = Thread.ofPlatform().start(() -> {
        try {
          outbound.deliver(MAIL, toMx());
        } catch (InterruptedException _) {
          Thread.currentThread().interrupt();
        }
      });
      peer.assertFinished();
      lane.interrupt();
      assertThat(lane.join(Duration.ofSeconds(60))).isTrue();
      assertThat(peer.connections()).isEqualTo(1);
    }
  }

  private static String told(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Delivered(var how, _, _, _) -> "delivered" + how.remote()
          .flatMap(RemoteMta::tls)
          .map(StartTlsTest::told)
          .orElse(" in clear text");
      case Outcome.Deferred(var why) -> "deferred " + why.status();
      case Outcome.Failed(var why) -> "failed " + why.status();
    };
  }

  private static String told(RemoteTls tls) {
    assertThat(tls.version()).isEqualTo("TLSv1.3");
    return tls.doubt().map(doubt -> ": " + doubt).orElse(" verified");
  }

  private static Route toMx() {
    return new Route.Mx(Domain.of("peer.example"));
  }

  private static FixedResolver resolver() {
    return new FixedResolver().mx("peer.example", "10 mx1.peer.example").address("mx1.peer.example", "127.0.0.1");
  }

  private Authorities authorities() throws IOException {
    return Authorities.read(TestTls.authority(folder));
  }

  private Outbound outbound(ScriptedServer peer, TlsLevel level) throws IOException {
    return Outbound.with(resolver(), Outbound.settings(ClientTimeouts.all(Duration.ofSeconds(60)),
        peer.address().getPort(), level, authorities()));
  }
}
