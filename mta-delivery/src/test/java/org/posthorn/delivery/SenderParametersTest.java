package org.posthorn.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.posthorn.delivery.Outbound.outcome;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.posthorn.queue.Handling;
import org.posthorn.queue.Outcome;
import org.posthorn.queue.Recipient;
import org.posthorn.smtp.Mailbox;
import org.posthorn.smtp.ReturnContent;
import org.posthorn.smtp.Tracking;
import org.posthorn.smtp.ValidSince;
import org.posthorn.testkit.ScriptedServer;

/** SOLICIT, MTRK and RRVS on the way out. */
class SenderParametersTest {
  private static final String CERTIFIER = "000000000000000000000000000";

  /** How long the message has been here. */
  private static final Duration PASSED = Duration.between(Instant.EPOCH, Outbound.NOW);

  private static String accepting(String offered) {
    return "S: 220 x\nC: EHLO .*\nS: 250-x\\n250 " + offered
        + "\nC*: MAIL .*\nS: 250 ok\nC*: RCPT .*\nS: 250 ok\nC: DATA\nS: 354 go\nC: <message>\nS: 250 taken\nC: QUIT\n";
  }

  private static Mail mail(Duration tracked, Recipient... recipients) {
    var plain = Handling.PLAIN;
    return Mail.to("a@peer.example")
        .withDsn(ReturnContent.FULL, "1@h.example")
        .withRecipients(recipients)
        .withHandling(new Handling(plain.deadline(), plain.release(), plain.priority(), plain.tls(), List.of("x", "y"),
            Optional.of(new Tracking(CERTIFIER, Optional.of(PASSED.minusSeconds(100).plus(tracked)))),
            plain.submitter()));
  }

  private static Recipient recipient(String rrvs, boolean isExpanded) {
    return new Recipient(Mailbox.of("a@peer.example"), Optional.empty(), Optional.empty(), ValidSince.parse(rrvs),
        isExpanded);
  }

  @ParameterizedTest(name = "{0}, tracked for {1}, expanded {2}: {3}")
  @CsvSource({"HELP, PT1H, false, ''", "NO-SOLICITING, PT1H, false, ' SOLICIT=x,y'",
      "NO-SOLICITING a\\n250 MTRK, PT1H, false, ' ENVID=1@h.example SOLICIT=x,y MTRK=000000000000000000000000000:3500'",
      "MTRK, PT1M, false, ''", "MTRK, PT1H, true, ''"})
  void givesMailWhatIsOffered(String offered, Duration tracked, boolean isExpanded, String expected) throws Exception {
    try (var outbound = Outbound.patient();
        var server = ScriptedServer.start(accepting(offered).replace("250 NO-SOLICITING a", "250-NO-SOLICITING a"))) {
      outbound.deliver(mail(tracked, recipient("", isExpanded)), Outbound.to(server.address()));
      assertThat(server.commands()).contains("MAIL FROM:<sender@origin.example>" + expected);
    }
  }

  @ParameterizedTest(name = "{0} to a server with {1}: {2}")
  @CsvSource({"2014-04-03T23:01:00Z;R, RRVS, ' RRVS=2014-04-03T23:01:00Z;R'",
      "2014-04-03T23:01:00Z, RRVS, ' RRVS=2014-04-03T23:01:00Z'", "2014-04-03T23:01:00Z;C, HELP, ''"})
  void givesRcptWhatIsOffered(String since, String offered, String expected) throws Exception {
    try (var outbound = Outbound.patient(); var server = ScriptedServer.start(accepting(offered))) {
      outbound.deliver(mail(Duration.ofHours(1), recipient(since, false)), Outbound.to(server.address()));
      assertThat(server.commands()).contains("RCPT TO:<a@peer.example>" + expected);
    }
  }

  @Test
  void returnsWhatOnlyOneOwnerMayHaveWhenTheServerKnowsNoOwners() throws Exception {
    try (var outbound = Outbound.patient();
        var server = ScriptedServer.start("S: 220 x\nC: EHLO .*\nS: 250 x\nC: QUIT")) {
      var attempt = outbound.deliver(mail(Duration.ofHours(1), recipient("2014-04-03T23:01:00Z", false)),
          Outbound.to(server.address()));
      server.assertFinished();
      assertThat(outcome(attempt, 0)).isInstanceOfSatisfying(Outcome.class,
          outcome -> assertThat(outcome.toString()).contains("5.7.19", "RRVS").doesNotContain("Delivered"));
    }
  }
}
