package org.posthorn.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.posthorn.delivery.Outbound.outcome;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.posthorn.dns.FixedResolver;
import org.posthorn.queue.DeliveryTask;
import org.posthorn.queue.Handling;
import org.posthorn.queue.Outcome;
import org.posthorn.queue.Recipient.OwnerFields;
import org.posthorn.queue.Recipient;
import org.posthorn.queue.RecipientNumber;
import org.posthorn.smtp.AddressLiteral;
import org.posthorn.smtp.Domain;
import org.posthorn.smtp.Mailbox;
import org.posthorn.smtp.ReturnContent;
import org.posthorn.smtp.Tracking;
import org.posthorn.smtp.ValidSince;
import org.posthorn.testkit.AcceptingServer;
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

  private static final String ABOUT_A = "Require-Recipient-Valid-Since: a@peer.example; Thu, 3 Apr 2014 23:01:00 +0000\r\n";
  private static final String ABOUT_B = ABOUT_A.replace("a@peer", "b@other");

  @ParameterizedTest(name = "{0} in the header, to a server with {1}: {2}")
  @CsvSource({"FOR_NEXT_HOP, RRVS, ' RRVS=2014-04-03T23:01:00Z;C', false", "FOR_NEXT_HOP, HELP, '', true",
      "HEEDED, RRVS, ' RRVS=2014-04-03T23:01:00Z;C', false", "HEEDED, HELP, '', false"})
  void movesFromTheHeaderToRcpt(OwnerFields fields, String offered, String parameter, boolean stays) throws Exception {
    var a = recipient("", false).with(fields, ValidSince.parse("2014-04-03T23:01:00Z;C"));
    try (var outbound = Outbound.patient(); var server = ScriptedServer.start(accepting(offered))) {
      outbound.deliver(Mail.to("x@peer.example")
          .withRecipients(a)
          .withContent(ABOUT_B + ABOUT_A + "Subject: x\r\n\r\n" + ABOUT_A), Outbound.to(server.address()));
      assertThat(server.commands()).contains("RCPT TO:<a@peer.example>" + parameter);
      assertThat(server.messages())
          .containsExactly(ABOUT_B + (stays ? ABOUT_A : "") + "Subject: x\r\n\r\n" + ABOUT_A);
    }
  }

  @Test
  void takesAllOfItOutOfTheHeaderForAMailStore() throws Exception {
    var a = recipient("", false).with(OwnerFields.HEEDED, Optional.empty());
    try (var outbound = Outbound.patient(); var store = AcceptingServer.startLmtp()) {
      var route = new Route.Lmtp(new AddressLiteral(store.address().getAddress()), store.address().getPort());
      outbound.deliver(Mail.to("x@peer.example").withRecipients(a).withContent(ABOUT_B + ABOUT_A + "\r\nx\r\n"), route);
      assertThat(store.mails()).singleElement().satisfies(mail -> assertThat(mail.content()).isEqualTo("\r\nx\r\n"));
    }
  }

  @Test
  void tellsAServerNothingOfTheOwnersOfOthers() throws Exception {
    var a = recipient("", false).with(OwnerFields.FOR_NEXT_HOP, ValidSince.parse("2014-04-03T23:01:00Z;C"));
    var b = new Recipient(Mailbox.of("b@other.example"), Optional.empty(), Optional.empty())
        .with(OwnerFields.FOR_NEXT_HOP, ValidSince.parse("2014-04-03T23:01:00Z;C"));
    try (var outbound = Outbound.patient(); var server = ScriptedServer.start(accepting("HELP"))) {
      var route = Outbound.to(server.address());
      var mail = Mail.to("x@peer.example").withRecipients(a, b).withContent(ABOUT_A + ABOUT_B + "\r\n");
      var task = mail.task(route);
      try (var lane = outbound.open(route)) {
        lane.deliver(new DeliveryTask(task.message(), List.of(new RecipientNumber(0)), route.destination(),
            task.content()));
      }
      assertThat(server.messages()).containsExactly(ABOUT_A + "\r\n");
    }
  }

  @ParameterizedTest(name = "{0} when {1} heeds the header: {2}")
  @CsvSource({"2014-04-03T23:01:00Z;C, peer.example, true", "2014-04-03T23:01:00Z;C, other.example, false",
      "'', peer.example, false"})
  void movesFromRcptToTheHeaderWhereThatIsHeeded(String since, String domain, boolean isTold) throws Exception {
    var usual = Outbound.settings(ClientTimeouts.all(Duration.ofSeconds(60)), DeliverySettings.SMTP_PORT);
    var settings = new DeliverySettings(usual.hostname(), usual.ourselves(), usual.port(), usual.maxMessages(),
        usual.timeouts(), usual.tls(), new FieldSettings(true, Set.of(Domain.of(domain))));
    try (var outbound = Outbound.with(new FixedResolver(), settings);
        var server = ScriptedServer.start(accepting("HELP"))) {
      outbound.deliver(Mail.to("x@peer.example").withRecipients(recipient(since, false)).withContent("\r\nHello.\r\n"),
          Outbound.to(server.address()));
      assertThat(server.messages()).containsExactly((isTold
          ? "Require-Recipient-Valid-Since: a@peer.example;\r\n\tThu, 3 Apr 2014 23:01:00 +0000\r\n"
          : "") + "\r\nHello.\r\n");
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
