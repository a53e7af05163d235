package org.posthorn.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.posthorn.delivery.Outbound.outcome;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthorn.delivery.tls.Authorities;
import org.posthorn.delivery.tls.TlsLevel;
import org.posthorn.delivery.tls.TlsSettings;
import org.posthorn.dns.FixedResolver;
import org.posthorn.queue.Attempt.SiteState;
import org.posthorn.queue.Outcome;

import org.posthorn.testkit.ScriptedServer;

class ConnectionReuseTest {
  private static final String HELLO = """
                                      S: 220 mx.peer.example
                                      C: EHLO client.origin.example
                                      S: 250-mx.peer.example\\n250 PIPELINING
                                      """;
  private static final String MESSAGE = """
                                        C: MAIL FROM:<sender@origin.example>
                                        C: RCPT TO:<a@peer.example>
                                        C: DATA
                                        S: 250 ok\\n250 ok\\n354 go
                                        C: <message>
                                        S: 250 taken
                                        """;
  private static final Mail MAIL = Mail.to("a@peer.example");

  @Test
  void sendsOneMessageAfterTheOtherOverOneConnection() throws Exception {
    try (var outbound = Outbound.patient(); var server = ScriptedServer.start(HELLO + MESSAGE + MESSAGE + "C: QUIT")) {
      var route = Outbound.to(server.address());
      try (var lane = outbound.open(route)) {
        assertThat(outcome(lane.deliver(MAIL.task(route)), 0)).isInstanceOf(Outcome.Delivered.class);
        assertThat(outcome(lane.deliver(MAIL.task(route)), 0)).isInstanceOf(Outcome.Delivered.class);
      }
      server.assertFinished();
      assertThat(server.connections()).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"CLOSE:", "RESET:", "C: MAIL .*\nS: 421 4.4.2 idle for too long\nCLOSE:",
      "S: 421 4.4.2 idle for too long\nCLOSE:", "C: MAIL .*\nCLOSE:"})
  void replacesAKeptConnectionThatIsDeadWithoutAWord(String end) throws Exception {
    try (var outbound = Outbound.patient();
        var server = ScriptedServer.start(HELLO + MESSAGE + end, HELLO + MESSAGE)) {
      var route = Outbound.to(server.address());
      try (var lane = outbound.open(route)) {
        assertThat(outcome(lane.deliver(MAIL.task(route)), 0)).isInstanceOf(Outcome.Delivered.class);
        var second = lane.deliver(MAIL.task(route));
        assertThat(outcome(second, 0)).isInstanceOf(Outcome.Delivered.class);
        assertThat(second.site()).isEqualTo(SiteState.REACHED);
      }
      assertThat(server.messages()).hasSize(2);
    }
  }

  @Test
  void clearsAnAbandonedTransactionByRsetInTheNextBatch() throws Exception {
    try (var outbound = Outbound.patient();
        var server = ScriptedServer.start(HELLO + """
                                                  C: MAIL FROM:<sender@origin.example>
                                                  C: RCPT TO:<a@peer.example>
                                                  C: DATA
                                                  S: 250 ok\\n550 5.1.1 no such user\\n503 5.5.1 nobody to send it to
                                                  C: RSET
                                                  S: 250 ok
                                                  """ + MESSAGE)) {
      var route = Outbound.to(server.address());
      try (var lane = outbound.open(route)) {
        assertThat(outcome(lane.deliver(MAIL.task(route)), 0)).isInstanceOf(Outcome.Failed.class);
        assertThat(outcome(lane.deliver(MAIL.task(route)), 0)).isInstanceOf(Outcome.Delivered.class);
      }
      server.assertFinished();
    }
  }

  @Test
  void sendsALoneDotWhenDataIsWantedForNobody() throws Exception {
    try (var outbound = Outbound.patient();
        var server = ScriptedServer.start(HELLO + """
                                                  C: MAIL FROM:<sender@origin.example>
                                                  C: RCPT TO:<a@peer.example>
                                                  C: DATA
                                                  S: 250 ok\\n550 5.1.1 no such user\\n354 go
                                                  C: .
                                                  S: 554 5.5.1 no recipients
                                                  C: RSET
                                                  S: 250 ok
                                                  """ + MESSAGE)) {
      var route = Outbound.to(server.address());
      try (var lane = outbound.open(route)) {
        assertThat(outcome(lane.deliver(MAIL.task(route)), 0).diagnostic().status()).hasToString("5.1.1");
        assertThat(outcome(lane.deliver(MAIL.task(route)), 0)).isInstanceOf(Outcome.Delivered.class);
      }
      server.assertFinished();
    }
  }

  @Test
  void takesANewConnectionWhenOneHasServedItsNumberOfMessages() throws Exception {
    var settings = new DeliverySettings(Outbound.HOSTNAME, new Ourselves(Set.of(Outbound.HOSTNAME), List.of()), 25, 2,
        ClientTimeouts.all(Duration.ofSeconds(60)), new TlsSettings(TlsLevel.OFF, Authorities.OF_SYSTEM));
    try (var outbound = Outbound.with(new FixedResolver(), settings);
        var server = ScriptedServer.start(HELLO + MESSAGE + MESSAGE + "C: QUIT\nS: 221 bye", HELLO + MESSAGE)) {
      var route = Outbound.to(server.address());
      try (var lane = outbound.open(route)) {
        for (int i = 0; i < 3; i++) {
          assertThat(outcome(lane.deliver(MAIL.task(route)), 0)).isInstanceOf(Outcome.Delivered.class);
        }
      }
      server.assertFinished();
      assertThat(server.connections()).isEqualTo(2);
    }
  }

  @Test
  void doesNotKeepAConnectionOnWhichTheServerLostCount() throws Exception {
    try (var outbound = Outbound.patient();
        var server = ScriptedServer.start(
            HELLO + MESSAGE.replace("S: 250 taken", "S: 250 taken\\n250 and once more") + "C*: .*", HELLO + MESSAGE)) {
      var route = Outbound.to(server.address());
      try (var lane = outbound.open(route)) {
        lane.deliver(MAIL.task(route));
        assertThat(outcome(lane.deliver(MAIL.task(route)), 0).diagnostic().text()).isEqualTo("250 taken");
      }
      assertThat(server.connections()).isEqualTo(2);
    }
  }
}
