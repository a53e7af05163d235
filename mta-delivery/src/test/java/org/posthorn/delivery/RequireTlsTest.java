package org.posthorn.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.posthorn.delivery.Outbound.outcome;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.posthorn.delivery.tls.Authorities;
import org.posthorn.delivery.tls.TlsLevel;
import org.posthorn.delivery.tls.TlsSettings;
import org.posthorn.dns.FixedResolver;
import org.posthorn.queue.Handling.TlsWish;
import org.posthorn.queue.Outcome;
import org.posthorn.smtp.Domain;
import org.posthorn.testkit.ScriptedServer;
import org.posthorn.testkit.TestTls;

/** Messages that ask for TLS, or do without it (RFC 8689). */
class RequireTlsTest {
  private static final String HELLO = "S: 220 x\nC: EHLO .*\nS: 250%s\n";
  @TempDir
  private Path folder;

  @ParameterizedTest(name = "{0} {1} by {2} to a server with {3}, {4}: {5}")
  @CsvSource(delimiter = '|', value = {
      // who sends it | what is wanted | route | certificate | what is offered under TLS | what becomes of it
      "sender@origin.example | REQUIRED | host | peer | REQUIRETLS | delivered REQUIRETLS",
      "sender@origin.example | REQUIRED | host | peer | DSN | failed 5.7.30",
      "sender@origin.example | REQUIRED | host | stranger | REQUIRETLS | failed 5.7.10",
      "sender@origin.example | REQUIRED | host | none | x | failed 5.7.10",
      "sender@origin.example | REQUIRED | mx | peer | REQUIRETLS | failed 5.7.10",
      "sender@origin.example | REQUIRED | trusted mx | peer | REQUIRETLS | delivered REQUIRETLS",
      "sender@origin.example | REQUIRED | mx of its own name | peer | REQUIRETLS | delivered REQUIRETLS",
      "'' | REQUIRED | mx | none | x | delivered",
      "'' | REQUIRED | mx | stranger | REQUIRETLS | delivered",
      "'' | REQUIRED | mx | peer | REQUIRETLS | delivered REQUIRETLS",
      "sender@origin.example | WAIVED | verified mx | stranger | x | delivered",
      "sender@origin.example | WAIVED | verified mx | none | x | delivered",
      "sender@origin.example | WAIVED | verified host | stranger | x | deferred 4.7.5",
      "sender@origin.example | USUAL | verified mx | stranger | x | deferred 4.7.5",
      "sender@origin.example | USUAL | mx | peer | REQUIRETLS | delivered"})
  void goesOnlyWhereItsSenderWantsIt(String from, TlsWish wish, String route, String certificate, String offered,
      String outcome) throws Exception {
    String hello = certificate.equals("none")
        ? HELLO.formatted(" x")
        : HELLO.formatted("-x\\n250 STARTTLS") + tls(certificate, offered);
    String script = outcome.startsWith("delivered")
        ? hello + message(from, outcome.endsWith("REQUIRETLS") ? " REQUIRETLS" : "")
        : hello;
    try (var server = ScriptedServer.start(script);
        var outbound = Outbound.with(resolver(), settings(route, server.address().getPort()))) {
      var mail = Mail.to("a@peer.example").withTls(wish);
      var attempt = outbound.deliver(from.isEmpty() ? mail.fromNobody() : mail, to(route, server.address().getPort()));
      assertThat(told(outcome(attempt, 0))).isEqualTo(outcome.replace(" REQUIRETLS", ""));
      if (outcome.startsWith("delivered")) {
        server.assertFinished();
      }
    }
  }

  private static String tls(String certificate, String offered) {
    return "C: STARTTLS\nS: 220 go\nTLS: " + certificate + "\nC: EHLO .*\nS: 250-x\\n250 " + offered + "\n";
  }

  private static String message(String from, String parameter) {
    return "C: MAIL FROM:<" + from + ">" + parameter + """

                                                       S: 250 ok
                                                       C: RCPT .*
                                                       S: 250 ok
                                                       C: DATA
                                                       S: 354 go
                                                       DATA:
                                                       S: 250 ok
                                                       """;
  }

  /** Returns what became of it, with its status. */
  static String told(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Delivered _ -> "delivered";
      case Outcome.Deferred(var why) -> "deferred " + why.status();
      case Outcome.Failed(var why) -> "failed " + why.status();
    };
  }

  private static Route to(String route, int port) {
    if (route.endsWith("host")) {
      return new Route.Smtp(Domain.of("mx1.peer.example"), port);
    }
    return new Route.Mx(Domain.of(route.endsWith("name") ? "mx1.peer.example" : "peer.example"));
  }

  private DeliverySettings settings(String route, int port) throws IOException {
    return new DeliverySettings(Outbound.HOSTNAME, new Ourselves(Set.of(Outbound.HOSTNAME), List.of()), port, 100,
        ClientTimeouts.all(Duration.ofSeconds(60)),
        new TlsSettings(route.startsWith("verified") ? TlsLevel.VERIFY : TlsLevel.OPPORTUNISTIC,
            Authorities.read(TestTls.authority(folder)), route.startsWith("trusted")));
  }

  private static FixedResolver resolver() {
    return new FixedResolver().mx("peer.example", "10 mx1.peer.example")
        .mx("mx1.peer.example", "10 mx1.peer.example")
        .address("mx1.peer.example", "127.0.0.1");
  }
}
