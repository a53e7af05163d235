package org.posthorn.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.posthorn.delivery.Outbound.outcome;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthorn.queue.Outcome;
import org.posthorn.queue.Outcome.Handover;
import org.posthorn.queue.Recipient;
import org.posthorn.smtp.BodyType;
import org.posthorn.smtp.Mailbox;
import org.posthorn.smtp.NotifyOn;
import org.posthorn.smtp.OriginalRecipient;
import org.posthorn.smtp.ReturnContent;
import org.posthorn.testkit.ScriptedServer;

/** Which parameters and which content a server gets, by what it offers. */
class MessageFormTest {
  private static final String UTF8_HEADER = "Subject: gr\u00fcn\r\n\r\nHello.\r\n";
  private static final String EIGHT_BIT = """
                                          MIME-Version: 1.0
                                          Content-Type: text/plain; charset=utf-8
                                          Content-Transfer-Encoding: 8bit

                                          Gr\u00fc\u00dfe
                                          """.replace("\n", "\r\n");
  private static final String SIGNED = """
                                       MIME-Version: 1.0
                                       Content-Type: multipart/signed; boundary=b; protocol="application/pgp-signature"

                                       --b
                                       Content-Type: text/plain; charset=utf-8
                                       Content-Transfer-Encoding: 8bit

                                       Gr\u00fc\u00dfe
                                       --b
                                       Content-Type: application/pgp-signature

                                       x
                                       --b--
                                       """.replace("\n", "\r\n");

  @ParameterizedTest(name = "{0} gives {1}")
  @CsvSource(delimiter = '|', value = {"x | ''", "8BITMIME | ' BODY=8BITMIME'", "SIZE | ' SIZE=26'",
      "SIZE 0 | ' SIZE=26'", "DSN | ' RET=FULL ENVID=id+2B1'", "SMTPUTF8 | ' SMTPUTF8'",
      "SIZE 99999\\n250-8BITMIME\\n250-SMTPUTF8\\n250-DSN | ' SIZE=26 BODY=8BITMIME SMTPUTF8 RET=FULL ENVID=id+2B1'"})
  void givesMailTheParametersThatAreOffered(String offered, String expected) throws Exception {
    var mail = Mail.to("a@peer.example")
        .withBody(BodyType.EIGHT_BIT_MIME)
        .withSmtpUtf8()
        .withDsn(ReturnContent.FULL,
            "id+1");
    try (var outbound = Outbound.patient(); var server = ScriptedServer.start(accepting(offered))) {
      assertThat(outcome(outbound.deliver(mail, Outbound.to(server.address())), 0))
          .isInstanceOf(Outcome.Delivered.class);
      assertThat(server.commands()).contains("MAIL FROM:<sender@origin.example>" + expected);
    }
  }

  @Test
  void handsDsnWishesOnToAServerThatHonoursThem() throws Exception {
    var recipient = new Recipient(Mailbox.of("a@peer.example"),
        Optional.of(NotifyOn.of(NotifyOn.Condition.SUCCESS, NotifyOn.Condition.FAILURE)),
        Optional.of(new OriginalRecipient("rfc822", "old+tag@origin.example")));
    var mail = Mail.to("a@peer.example").withRecipients(recipient);
    try (var outbound = Outbound.patient(); var server = ScriptedServer.start(accepting("DSN"))) {
      assertThat(outcome(outbound.deliver(mail, Outbound.to(server.address())), 0)).isInstanceOfSatisfying(
          Outcome.Delivered.class,
          delivered -> assertThat(delivered.handover()).isEqualTo(Handover.NEXT_HOP_WITH_DSN));
      assertThat(server.commands()).contains(
          "RCPT TO:<a@peer.example> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;old+2Btag@origin.example");
    }
  }

  @Test
  void doesNotEvenTryWhatTheServerSaysIsTooLarge() throws Exception {
    try (var outbound = Outbound.patient();
        var server = ScriptedServer.start("S: 220 x\nC: EHLO .*\nS: 250-x\\n250 SIZE 25\nC: QUIT")) {
      var attempt = outbound.deliver(Mail.to("a@peer.example"), Outbound.to(server.address()));
      server.assertFinished();
      assertThat(outcome(attempt, 0)).isInstanceOf(Outcome.Failed.class);
      assertThat(outcome(attempt, 0).diagnostic().status()).hasToString("5.3.4");
    }
  }

  @Test
  void convertsEightBitContentForAServerThatDoesNotTakeIt() throws Exception {
    var mail = Mail.to("a@peer.example").withContent(EIGHT_BIT);
    try (var outbound = Outbound.patient(); var server = ScriptedServer.start(accepting("SIZE"))) {
      outbound.deliver(mail, Outbound.to(server.address()));
      assertThat(server.messages()).singleElement()
          .asString()
          .contains("Gr=C3=BC=C3=9Fe\r\n")
          .contains("quoted-printable");
      int size = server.messages().getFirst().length();
      assertThat(server.commands()).contains("MAIL FROM:<sender@origin.example> SIZE=" + size);
    }
  }

  @Test
  void bouncesASignedMessageThatCannotBeConverted() throws Exception {
    try (var outbound = Outbound.patient();
        var server = ScriptedServer.start("S: 220 x\nC: EHLO .*\nS: 250 x\nC: QUIT")) {
      var attempt = outbound.deliver(Mail.to("a@peer.example").withContent(SIGNED), Outbound.to(server.address()));
      server.assertFinished();
      assertThat(outcome(attempt, 0)).isInstanceOf(Outcome.Failed.class);
      assertThat(outcome(attempt, 0).diagnostic().status()).hasToString("5.6.3");
    }
  }

  @Test
  void bouncesInternationalizedMailToAServerWithoutSmtputf8() throws Exception {
    try (var outbound = Outbound.patient();
        var server = ScriptedServer.start("S: 220 x\nC: EHLO .*\nS: 250-x\\n250 8BITMIME\nC: QUIT")) {
      var mail = Mail.to("a@peer.example").withContent(UTF8_HEADER).withSmtpUtf8();
      var attempt = outbound.deliver(mail, Outbound.to(server.address()));
      server.assertFinished();
      assertThat(outcome(attempt, 0)).isInstanceOf(Outcome.Failed.class);
      assertThat(outcome(attempt, 0).diagnostic().status()).hasToString("5.6.7");
    }
  }

  @Test
  void bouncesOnlyTheRecipientWhoseAddressNeedsSmtputf8() throws Exception {
    try (var outbound = Outbound.patient(); var server = ScriptedServer.start(accepting("8BITMIME"))) {
      var attempt = outbound.deliver(Mail.to("j\u00f6rg@peer.example", "a@peer.example"),
          Outbound.to(server.address()));
      assertThat(outcome(attempt, 0).diagnostic().status()).hasToString("5.6.7");
      assertThat(outcome(attempt, 1)).isInstanceOf(Outcome.Delivered.class);
    }
  }

  @Test
  void writesInternationalizedAddressesAsUtf8() throws Exception {
    try (var outbound = Outbound.patient(); var server = ScriptedServer.start(accepting("8BITMIME\\n250-SMTPUTF8"))) {
      var attempt = outbound.deliver(Mail.to("j\u00f6rg@peer.example"), Outbound.to(server.address()));
      assertThat(outcome(attempt, 0)).isInstanceOf(Outcome.Delivered.class);
      assertThat(server.commands()).contains("MAIL FROM:<sender@origin.example> SMTPUTF8",
          "RCPT TO:<j\u00f6rg@peer.example>");
    }
  }

  @Test
  void sendsASmallMessageByBdatInTheBatch() throws Exception {
    try (var outbound = Outbound.patient(); var server = ScriptedServer.start("""
                                                                              S: 220 x
                                                                              C: EHLO .*
                                                                              S: 250-x\\n250-PIPELINING\\n250 CHUNKING
                                                                              C: MAIL .*
                                                                              C: RCPT .*
                                                                              C: BDAT 26 LAST
                                                                              BDAT:
                                                                              S: 250 ok\\n250 ok\\n250 taken
                                                                              C: QUIT
                                                                              """)) {
      var attempt = outbound.deliver(Mail.to("a@peer.example"), Outbound.to(server.address()));
      server.assertFinished();
      assertThat(outcome(attempt, 0)).isInstanceOf(Outcome.Delivered.class);
      assertThat(server.messages()).containsExactly(Mail.SHORT);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"PIPELINING\\n250-CHUNKING", "CHUNKING"})
  void sendsALargeMessageByBdatOnlyWhenSomebodyIsToGetIt(String offered) throws Exception {
    String large = "Subject: large\r\n\r\n" + ".......\r\n".repeat(20_000);
    try (var outbound = Outbound.patient(); var server = ScriptedServer.start("""
                                                                              S: 220 x
                                                                              C: EHLO .*
                                                                              S: 250-x\\n250-%s\\n250 HELP
                                                                              C: MAIL .*
                                                                              S: 250 ok
                                                                              C: RCPT .*
                                                                              S: 250 ok
                                                                              C: BDAT %d LAST
                                                                              BDAT:
                                                                              S: 250 taken
                                                                              C: MAIL .*
                                                                              S: 250 ok
                                                                              C: RCPT .*
                                                                              S: 550 5.1.1 no such user
                                                                              C: QUIT
                                                                              """.formatted(offered, large.length()))) {
      var route = Outbound.to(server.address());
      try (var lane = outbound.open(route)) {
        var task = Mail.to("a@peer.example").withContent(large).task(route);
        assertThat(outcome(lane.deliver(task), 0)).isInstanceOf(Outcome.Delivered.class);
        assertThat(outcome(lane.deliver(task), 0)).isInstanceOf(Outcome.Failed.class);
      }
      server.assertFinished();
      assertThat(server.messages()).containsExactly(large);
    }
  }

  @Test
  void doesNotReuseAConnectionWhoseServerGotAChunkThatItDidNotWant() throws Exception {
    try (var outbound = Outbound.patient();
        var server = ScriptedServer.start("""
                                          S: 220 x
                                          C: EHLO .*
                                          S: 250-x\\n250-PIPELINING\\n250 CHUNKING
                                          C: MAIL .*
                                          C: RCPT .*
                                          C: BDAT 26 LAST
                                          BDAT:
                                          S: 250 ok\\n550 5.1.1 no such user\\n503 5.5.1 nobody to send it to
                                          C: QUIT
                                          """)) {
      var attempt = outbound.deliver(Mail.to("a@peer.example"), Outbound.to(server.address()));
      server.assertFinished();
      assertThat(outcome(attempt, 0).diagnostic().status()).hasToString("5.1.1");
    }
  }

  @Test
  void doublesTheDotsAtTheBeginningOfLines() throws Exception {
    String text = "Subject: dots\r\n\r\n.\r\n..\r\n.x\r\nno line end";
    try (var outbound = Outbound.patient(); var server = ScriptedServer.start(accepting("HELP"))) {
      outbound.deliver(Mail.to("a@peer.example").withContent(text), Outbound.to(server.address()));
      assertThat(server.messages()).containsExactly(text + "\r\n");
    }
  }

  private static String accepting(String offered) {
    return """
           S: 220 x
           C: EHLO .*
           S: 250-x\\n250-%s\\n250 HELP
           C: MAIL .*
           S: 250 ok
           C: RCPT .*
           S: 250 ok
           C: DATA
           S: 354 go
           C: <message>
           S: 250 taken
           """.formatted(offered);
  }
}
