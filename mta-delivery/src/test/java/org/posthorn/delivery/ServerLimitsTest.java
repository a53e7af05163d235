package org.posthorn.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.posthorn.queue.Outcome;
import org.posthorn.testkit.ScriptedServer;

/** What a server says that a session may hold is kept to (RFC 9422). */
class ServerLimitsTest {
  private static final String HELLO = "S: 220 x\nC: EHLO .*\nS: 250-x\\n250 LIMITS %s\n";
  private static final Mail FOUR = Mail.to("a@one.example", "b@two.example", "c@one.example", "d@one.example");

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource(delimiter = '|', value = {
      "RCPTMAX=3 | abc,d", "RCPTMAX=1 MAILMAX=2 | a,b;c,d", "MAILMAX=1 RCPTMAX=2 | ab;cd", "rcptdomainmax=1 | acd;b",
      "RCPTDOMAINMAX=1 RCPTMAX=2 | ac,d;b", "RCPTMAX=0 MAILMAX=1x | abcd", "RCPTMAX=1;x | abcd",
      "FOO=1 RCPTMAX=2 | ab,cd"})
  void spreadsTheRecipientsOfAMessage(String limits, String sessions) throws Exception {
    var scripts = new ArrayList<String>();
    for (String session : sessions.split(";", -1)) {
      var script = new StringBuilder(HELLO.formatted(limits));
      for (String transaction : session.split(",", -1)) {
        script.append(transaction(transaction));
      }
      scripts.add(script.toString());
    }
    try (var server = ScriptedServer.start(scripts.toArray(String[]::new)); var outbound = Outbound.patient()) {
      var attempt = outbound.deliver(FOUR, Outbound.to(server.address()));
      server.assertFinished();
      assertThat(attempt.outcomes().values()).hasSize(4).allMatch(Outcome.Delivered.class::isInstance);
    }
  }

  @Test
  void sendsNoMoreMessagesOverAConnectionThanTheServerTakes() throws Exception {
    String script = HELLO.formatted("MAILMAX=2");
    try (var server = ScriptedServer.start(script + transaction("a") + transaction("a") + "C: QUIT\nS: 221 bye",
        script + transaction("a")); var outbound = Outbound.patient()) {
      var route = Outbound.to(server.address());
      try (var lane = outbound.open(route)) {
        for (int i = 0; i < 3; i++) {
          lane.deliver(Mail.to("a@one.example").task(route));
        }
      }
      server.assertFinished();
    }
  }

  /** RFC 9422 §3: the limits of before STARTTLS are no longer those of the server. */
  @Test
  void forgetsWhatWasSaidBeforeTls() throws Exception {
    var script = HELLO.formatted("RCPTMAX=1\\n250 STARTTLS").replace("250 LIMITS", "250-LIMITS")
        + "C: STARTTLS\nS: 220 go\nTLS: peer\nC: EHLO .*\nS: 502 no\nC: HELO .*\nS: 250 x\n" + transaction("abcd");
    try (var server = ScriptedServer.start(script); var outbound = Outbound.patient()) {
      outbound.deliver(FOUR, Outbound.to(server.address()));
      server.assertFinished();
    }
  }

  private static String transaction(String recipients) {
    var script = new StringBuilder("C: MAIL .*\nS: 250 ok\n");
    List.of(recipients.split("", -1))
        .stream()
        .filter(name -> !name.isEmpty())
        .forEach(name -> script.append("C: RCPT TO:<").append(name).append("@.*\nS: 250 ok\n"));
    return script + "C: DATA\nS: 354 go\nDATA:\nS: 250 ok\n";
  }
}
