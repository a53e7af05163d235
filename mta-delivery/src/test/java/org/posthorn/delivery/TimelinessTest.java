package org.posthorn.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.posthorn.delivery.Outbound.outcome;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.posthorn.queue.Handling;
import org.posthorn.queue.Outcome;
import org.posthorn.queue.Recipient;
import org.posthorn.smtp.DeliverBy;
import org.posthorn.smtp.Mailbox;
import org.posthorn.smtp.NotifyOn;
import org.posthorn.smtp.NotifyOn.Condition;
import org.posthorn.smtp.Priority;
import org.posthorn.testkit.ScriptedServer;

class TimelinessTest {
  private static final String HELLO = """
                                      S: 220 mx.peer.example ESMTP
                                      C: EHLO client.origin.example
                                      """;

  private static Optional<Handling.Deadline> by(long millis, DeliverBy.Mode mode, boolean isTraced) {
    return Optional.of(new Handling.Deadline(Outbound.NOW.plusMillis(millis), mode, isTraced));
  }

  /** A server that says {@code offer}, and takes a message whose commands have these parameters. */
  private static String taking(String offer, String mail, String rcpt) {
    return HELLO + """
                   S: %s
                   C: MAIL FROM:<sender@origin.example>%s
                   S: 250 ok
                   C: RCPT TO:<a@peer.example>%s
                   S: 250 ok
                   C: DATA
                   S: 354 go on
                   C: <message>
                   S: 250 2.0.0 taken
                   C: QUIT
                   S: 221 bye
                   """.formatted(offer, mail, rcpt);
  }

  private static Outcome deliver(Mail mail, ScriptedServer server) throws Exception {
    try (var outbound = Outbound.patient()) {
      return outcome(outbound.deliver(mail, Outbound.to(server.address())), 0);
    }
  }

  @ParameterizedTest(name = "{0} ms to go, mode {1}: BY={2}")
  @CsvSource({"98900, RETURN, 98;R", "1000, RETURN, 1;R", "-1500, NOTIFY, -2;NT", "0, NOTIFY, 0;NT"})
  void tellsTheNextServerHowMuchTimeIsLeft(long millis, DeliverBy.Mode mode, String parameter) throws Exception {
    try (var server = ScriptedServer.start(
        taking("250-mx.peer.example\\n250-MT-PRIORITY\\n250 DELIVERBY", " BY=" + parameter + " MT-PRIORITY=-4", ""))) {
      var mail = Mail.to("a@peer.example")
          .withHandling(by(millis, mode, mode == DeliverBy.Mode.NOTIFY), Optional.of(new Priority(-4)));
      assertThat(deliver(mail, server)).isInstanceOfSatisfying(Outcome.Delivered.class,
          delivered -> assertThat(delivered.knowsDeadline()).isTrue());
      server.assertFinished();
    }
  }

  @ParameterizedTest(name = "{0} ms to go and the server offers [{1}]: {2}")
  @CsvSource({"100000, SIZE, 5.3.3", "100000, DELIVERBY 240, 5.4.7", "'100000', 'DELIVERBY 240,X', 5.4.7",
      "999, DELIVERBY, 5.4.7", "-5, DELIVERBY, 5.4.7"})
  void givesMailThatIsToBeReturnedOnlyToServersThatCanDoThatInTime(long millis, String offered, String status)
      throws Exception {
    try (var server = ScriptedServer.start(HELLO + """
                                                   S: 250-mx.peer.example\\n250 %s
                                                   C: QUIT
                                                   S: 221 bye
                                                   """.formatted(offered))) {
      var mail = Mail.to("a@peer.example").withHandling(by(millis, DeliverBy.Mode.RETURN, false), Optional.empty());
      assertThat(deliver(mail, server)).isInstanceOfSatisfying(Outcome.Failed.class,
          failed -> assertThat(failed.diagnostic().status()).hasToString(status));
    }
  }

  @ParameterizedTest(name = "NOTIFY={0} becomes {1}")
  @CsvSource({"-, ' NOTIFY=FAILURE,DELAY'", "FAILURE, ' NOTIFY=FAILURE,DELAY'", "NEVER, ' NOTIFY=NEVER'"})
  void asksServersWithoutTheExtensionToReportDelays(String notify, String expected) throws Exception {
    Optional<NotifyOn> asked = switch (notify) {
      case "-" -> Optional.empty();
      case "NEVER" -> Optional.of(NotifyOn.NEVER);
      default -> Optional.of(NotifyOn.of(Condition.FAILURE));
    };
    try (var server = ScriptedServer.start(taking("250-mx.peer.example\\n250 DSN", "", expected))) {
      var mail = Mail.to("x@peer.example")
          .withRecipients(new Recipient(Mailbox.of("a@peer.example"), asked, Optional.empty()))
          .withHandling(by(60_000, DeliverBy.Mode.NOTIFY, false), Optional.empty());
      assertThat(deliver(mail, server)).isInstanceOfSatisfying(Outcome.Delivered.class,
          delivered -> assertThat(delivered.knowsDeadline()).isFalse());
      server.assertFinished();
    }
  }

  @Test
  void tellsServersWithTheExtensionThePriorityOfEveryMessage() throws Exception {
    try (var server = ScriptedServer
        .start(taking("250-mx.peer.example\\n250 MT-PRIORITY MIXER", " MT-PRIORITY=0", ""))) {
      assertThat(deliver(Mail.to("a@peer.example"), server)).isInstanceOf(Outcome.Delivered.class);
      server.assertFinished();
    }
  }

  @Test
  void tellsOtherServersByTheHeaderAndLeavesNoOtherFieldThere() throws Exception {
    try (var server = ScriptedServer.start(taking("250 mx.peer.example", "", ""))) {
      var mail = Mail.to("a@peer.example")
          .withContent("MT-Priority: 9\r\n (very)\r\nSubject: x\r\n y\r\nmt-priority:8\r\n\r\nMT-Priority: text\r\n")
          .withHandling(Optional.empty(), Optional.of(new Priority(4)));
      assertThat(deliver(mail, server)).isInstanceOf(Outcome.Delivered.class);
      assertThat(server.messages())
          .containsExactly("MT-Priority: 4\r\nSubject: x\r\n y\r\n\r\nMT-Priority: text\r\n");
    }
  }
}
