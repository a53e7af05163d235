package org.posthorn.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.posthorn.dns.FixedResolver;
import org.posthorn.queue.Attempt;
import org.posthorn.queue.Outcome;
import org.posthorn.queue.Recipient;
import org.posthorn.queue.RecipientNumber;
import org.posthorn.smtp.BodyType;
import org.posthorn.smtp.Domain;
import org.posthorn.smtp.Mailbox;
import org.posthorn.smtp.NotifyOn;
import org.posthorn.smtp.OriginalRecipient;
import org.posthorn.smtp.ReturnContent;
import org.posthorn.testkit.Needs;
import org.posthorn.testkit.PeerScenario;
import org.posthorn.testkit.ScriptedServer;

/** Plays every scripted server of the suite {@code 06-smtp/client-peers} to our client, as MX of peer.example. */
class ClientScenariosTest {
  /** A server behind the first one, which takes everything. */
  private static final String NEXT_HOST = """
                                          S: 220 mx2.peer.example
                                          C: EHLO .*
                                          S: 250 mx2.peer.example
                                          C: MAIL .*
                                          S: 250 ok
                                          C: RCPT .*
                                          S: 250 ok
                                          C: DATA
                                          S: 354 go
                                          DATA:
                                          S: 250 taken by the next host
                                          """;
  private static final String REST_AFTER_HELLO = NEXT_HOST.substring(NEXT_HOST.indexOf("C: MAIL"))
      .replace(" by the next host", "");
  private static final String REST_AFTER_MAIL = REST_AFTER_HELLO
      .substring(REST_AFTER_HELLO.indexOf("S: 250 ok"));

  private static final String EIGHT_BIT = """
                                          Subject: hello
                                          MIME-Version: 1.0
                                          Content-Type: text/plain; charset=utf-8
                                          Content-Transfer-Encoding: 8bit

                                          Gr\u00fc\u00dfe
                                          """.replace("\n", "\r\n");

  /** What becomes of the recipients, as {@code delivered deferred 5.1.1}, in order. */
  private static final Map<String, String> EXPECTED = Map.ofEntries(
      Map.entry("c-helo-fallback", "delivered"),
      Map.entry("c-multi-line-greeting", "delivered"),
      Map.entry("c-greeting-4xx", "delivered by the next host"),
      Map.entry("c-greeting-554", "delivered by the next host"),
      Map.entry("c-521-greeting", "delivered by the next host"),
      Map.entry("c-556-rcpt", "failed 5.1.10"),
      Map.entry("c-mixed-recipients", "delivered, failed 5.1.1, deferred 4.2.1"),
      Map.entry("c-452-too-many-recipients", "delivered, delivered, delivered"),
      Map.entry("c-data-5xx", "failed 5.7.1"),
      Map.entry("c-malformed-replies", "delivered"),
      Map.entry("c-reply-of-100k", "failed 5.1.1"),
      Map.entry("c-reply-with-control-octets", "failed 5.1.1"),
      Map.entry("c-ehlo-lies-pipelining-out-of-order", "failed 5.1.1"),
      Map.entry("c-no-8bitmime", "delivered"),
      Map.entry("c-no-dsn-support", "delivered"),
      Map.entry("c-dsn-params-passed", "delivered"),
      Map.entry("c-starttls-ok", "delivered"),
      Map.entry("c-starttls-454", "delivered"),
      Map.entry("c-starttls-injection-by-server", "delivered"),
      Map.entry("c-limits-mailmax", "delivered"),
      Map.entry("c-limits-bad-values", "delivered"));

  /** What is not played, and why. */
  private static final Map<String, String> LEFT_OUT = Map.of(
      "c-mx-order", "no script: HostWalkTest",
      "c-mx-self", "no script: HostWalkTest",
      "c-no-mx-but-a", "no script: the resolver finds the implicit MX",
      "c-mx-servfail", "no script: FailurePolicyTest");

  /** What the server does where the script of the suite ends before the message is through. */
  private static final Map<String, String> REST = Map.of(
      "c-multi-line-greeting", "S: 250 x\n" + REST_AFTER_HELLO,
      "c-malformed-replies", REST_AFTER_HELLO, // 250 and 220 in one reply agree on what matters
      "c-no-8bitmime", REST_AFTER_MAIL,
      "c-dsn-params-passed", "S: 250 ok\nC: DATA\nS: 354 go\nDATA:\nS: 250 ok\n",
      "c-starttls-ok", REST_AFTER_MAIL,
      "c-starttls-454", REST_AFTER_MAIL,
      "c-starttls-injection-by-server", "S: 250 x\n" + REST_AFTER_HELLO,
      "c-limits-mailmax", REST_AFTER_HELLO,
      "c-limits-bad-values", REST_AFTER_HELLO);

  /** What the server does on the connections after the first. */
  private static final Map<String, String> SECOND = Map.of(
      "c-greeting-4xx", NEXT_HOST,
      "c-greeting-554", NEXT_HOST,
      "c-521-greeting", NEXT_HOST);

  static List<PeerScenario> scenarios() throws IOException {
    return all().stream().filter(scenario -> !LEFT_OUT.containsKey(scenario.id())).toList();
  }

  private static List<PeerScenario> all() throws IOException {
    return PeerScenario.read(Needs.suite("06-smtp/client-peers/scenarios.txt"));
  }

  @Test
  void leavesNoScenarioOutWithoutAReason() throws Exception {
    assertThat(all()).extracting(PeerScenario::id)
        .allMatch(id -> EXPECTED.containsKey(id) != LEFT_OUT.containsKey(id));
  }

  @ParameterizedTest
  @MethodSource("scenarios")
  void doesWhatTheScenarioAsksFor(PeerScenario scenario) throws Exception {
    String first = scenario.script() + Optional.ofNullable(REST.get(scenario.id())).orElse("");
    try (var server = ScriptedServer.start(scripts(first, scenario.id()))) {
      var resolver = new FixedResolver().mx("peer.example", "10 mx1.peer.example", "20 mx2.peer.example")
          .address("mx1.peer.example", "127.0.0.1")
          .address("mx2.peer.example", "127.0.0.1");
      var settings = Outbound.settings(ClientTimeouts.all(Duration.ofSeconds(60)), server.address().getPort());
      try (var outbound = Outbound.with(resolver, settings)) {
        var attempt = outbound.deliver(mail(scenario), new Route.Mx(Domain.of("peer.example")));
        server.assertFinished();
        assertThat(told(attempt)).isEqualTo(EXPECTED.get(scenario.id()));
        assertThat(attempt.outcomes().values()).allSatisfy(outcome -> {
          assertThat(outcome.diagnostic().text()).hasSizeLessThan(1000);
          assertThat(outcome.diagnostic().text().chars()).noneMatch(Character::isISOControl);
        });
        assertThat(server.messages()).allSatisfy(message -> assertThat(message.chars()).allMatch(c -> c < 128));
      }
    }
  }

  private static String[] scripts(String first, String id) {
    if (id.equals("c-452-too-many-recipients")) {
      return new String[]{first + secondTransactionOf(first)};
    }
    return SECOND.containsKey(id) ? new String[]{first, SECOND.getOrDefault(id, "")} : new String[]{first};
  }

  /** Those that were put off come again, at once and on the same connection. */
  private static String secondTransactionOf(String script) {
    return script.substring(script.indexOf("C: MAIL"))
        .replace("S: 452 4.5.3 too many recipients", "S: 250 ok")
        .replaceFirst("C: RCPT .*\nS: 250 ok\n", "");
  }

  private static Mail mail(PeerScenario scenario) {
    var mail = Mail.to(scenario.recipients().toArray(String[]::new));
    if (scenario.message().equals("8bit")) {
      return mail.withContent(EIGHT_BIT).withBody(BodyType.EIGHT_BIT_MIME);
    }
    return switch (String.join(" ", scenario.parameters())) {
      case "NOTIFY=SUCCESS" -> mail.withRecipients(new Recipient(Mailbox.of("a@peer.example"),
          Optional.of(NotifyOn.of(NotifyOn.Condition.SUCCESS)), Optional.empty()));
      case "NOTIFY=FAILURE ORCPT=rfc822;orig@x.example ENVID=abc RET=HDRS" -> mail
          .withRecipients(new Recipient(Mailbox.of("a@peer.example"),
              Optional.of(NotifyOn.of(NotifyOn.Condition.FAILURE)),
              Optional.of(new OriginalRecipient("rfc822", "orig@x.example"))))
          .withDsn(ReturnContent.HDRS, "abc");
      case "" -> mail;
      default -> throw new IllegalStateException("unknown parameters in " + scenario.id());
    };
  }

  private static String told(Attempt attempt) {
    var told = new ArrayList<String>();
    for (int i = 0; i < attempt.outcomes().size(); i++) {
      told.add(switch (Outbound.outcome(attempt, new RecipientNumber(i).value())) {
        case Outcome.Delivered(var how, _, _, _) ->
          how.text().contains("next host") ? "delivered by the next host" : "delivered";
        case Outcome.Deferred(var why) -> "deferred " + why.status();
        case Outcome.Failed(var why) -> "failed " + why.status();
      });
    }
    return String.join(", ", told);
  }
}
