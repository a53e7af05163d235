package org.posthorn.daemon.inbound;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthorn.smtp.BodyType;
import org.posthorn.smtp.NotifyOn;
import org.posthorn.smtp.ReturnContent;

class SmtpSessionTest {
  private static final String GREET = "EHLO client.example\n";
  private static final String MAIL = GREET + "MAIL FROM:<s@client.example>\n";
  private static final String RCPT = MAIL + "RCPT TO:<alice@example.org>\n";
  private static final String DATA = RCPT + "DATA\n";

  private final Inbound inbound = new Inbound();

  @Test
  void announcesWhatItCanDo() {
    assertThat(stranger().lines(GREET)).isEqualTo("""
                                                  250-mx.example.org
                                                  250-PIPELINING
                                                  250-SIZE 36700160
                                                  250-8BITMIME
                                                  250-SMTPUTF8
                                                  250-ENHANCEDSTATUSCODES
                                                  250-CHUNKING
                                                  250-BINARYMIME
                                                  250-DSN
                                                  250-LIMITS RCPTMAX=1000
                                                  250-STARTTLS
                                                  250-DELIVERBY
                                                  250-MT-PRIORITY MIXER
                                                  250-NO-SOLICITING
                                                  250 HELP
                                                  """);
  }

  @ParameterizedTest(name = "{0} -> {1}")
  @CsvSource(delimiter = '|', value = {
      "MAIL FROM:<s@client.example> | 503 5.5.1",
      "RCPT TO:<alice@example.org> | 503 5.5.1",
      "DATA | 503 5.5.1",
      "RSET | 250 2.0.0",
      "NOOP | 250 2.0.0",
      "VRFY alice | 252 2.5.0",
      "EXPN team | 502 5.5.1",
      "HELP | 214-2.0.0",
      "QUIT | 221 2.0.0",
      "TURN | 502 5.5.1",
      "STARTTLS | 503 5.5.1",
      "XYZZY | 500 5.5.2",
      "EHLO | 501 5.5.4",
      "BDAT x | 501 5.5.4"})
  void answersBeforeTheHello(String command, String reply) {
    assertThat(stranger().lines(command + "\n")).startsWith(reply);
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"RSET\n", "EHLO again.example\n", "HELO again.example\n"})
  void forgetsTheTransactionOn(String command) {
    var session = stranger();
    session.lines(RCPT + command);
    assertThat(session.lines("RCPT TO:<alice@example.org>\nDATA\n")).startsWith("503 5.5.1")
        .endsWith("""
                  503 5.5.1 Send MAIL first
                  """);
  }

  @ParameterizedTest(name = "after {0}")
  @ValueSource(strings = {"Subject: good\n\nx\n.\n", "Subject: too big\n\n${big}.\n"})
  void forgetsTheTransactionAtTheEndOfDataWhetherGoodOrBad(String data) {
    var session = stranger(new MessageLimits(65_536, 100, 1000, 65_536, 100));
    session.lines(DATA + data.replace("${big}", ("x".repeat(998) + "\n").repeat(70)));
    assertThat(session.lines("RCPT TO:<alice@example.org>\n")).startsWith("503 5.5.1");
    assertThat(session.lines("MAIL FROM:<>\n")).startsWith("250");
  }

  @Test
  void refusesAMailWithinATransactionAndGoesOnWithIt() {
    var session = stranger();
    assertThat(session.lines(RCPT + "MAIL FROM:<other@client.example>\n"))
        .endsWith("""
                  503 5.5.1 A transaction is open already; send RSET to begin anew
                  """);
    assertThat(session.lines("DATA\nSubject: x\n\nx\n.\n")).startsWith("354").contains("250 2.0.0 Queued as");
    assertThat(inbound.spool.message().message().envelope().from()).hasToString("s@client.example");
  }

  @Test
  void wantsARecipientBeforeData() {
    assertThat(stranger().lines(MAIL + "DATA\n")).endsWith("554 5.5.1 No valid recipients\n");
  }

  @ParameterizedTest(name = "{0} -> {1}")
  @CsvSource(delimiter = '|', value = {
      "RCPT TO:<alice@example.org> | 250 2.1.5",
      "RCPT TO:<ALICE@EXAMPLE.NET> | 250 2.1.5",
      "RCPT TO:<Postmaster> | 250 2.1.5",
      "RCPT TO:<nobody@example.org> | 550 5.1.1",
      "RCPT TO:<alice%elsewhere.example@example.org> | 550 5.1.1",
      "RCPT TO:<alice@elsewhere.example> | 550 5.7.1",
      "RCPT TO:<anyone@relayed.example> | 250 2.1.5",
      "RCPT TO:<alice@[192.0.2.1]> | 250 2.1.5",
      "RCPT TO:<alice@[192.0.2.2]> | 550 5.7.1",
      "RCPT TO:<j\u00c3\u00bcrgen@example.org> | 553 5.6.7",
      "RCPT TO:<> | 501"})
  void decidesOnRecipientsOfAStranger(String command, String reply) {
    assertThat(lastLine(stranger().lines(MAIL + command + "\n"))).startsWith(reply);
  }

  @Test
  void letsATrustedClientSendToEveryone() {
    trusted().lines(MAIL + "RCPT TO:<x@elsewhere.example>\nRCPT TO:<y@[203.0.113.9]>\nDATA\nSubject: x\n\nx\n.\n");
    assertThat(inbound.spool.message().message().envelope().recipients()).extracting(r -> r.address().toString())
        .containsExactly("x@elsewhere.example", "y@[203.0.113.9]");
  }

  @Test
  void keepsWhatTheSenderAskedForInTheEnvelope() {
    trusted().lines(GREET + """
                            MAIL FROM:<s@client.example> SIZE=1000 BODY=8BITMIME SMTPUTF8 RET=HDRS ENVID=a+2Bb
                            RCPT TO:<x@elsewhere.example> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;y@client.example
                            DATA
                            Subject: x

                            x
                            .
                            """);
    var envelope = inbound.spool.message().message().envelope();
    assertThat(envelope.body()).isEqualTo(BodyType.EIGHT_BIT_MIME);
    assertThat(envelope.smtpUtf8()).isTrue();
    assertThat(envelope.dsn().ret()).hasValue(ReturnContent.HDRS);
    assertThat(envelope.dsn().envelopeId()).hasValue("a+b");
    assertThat(envelope.client()).isEqualTo("unknown[192.0.2.7]");
    var recipient = envelope.recipients().getFirst();
    assertThat(recipient.notifyOn())
        .hasValue(NotifyOn.of(NotifyOn.Condition.SUCCESS, NotifyOn.Condition.DELAY));
    assertThat(recipient.original().orElseThrow().address()).isEqualTo("y@client.example");
    assertThat(inbound.spool.message().text()).contains("with UTF8SMTP id");
  }

  @Test
  void givesTheMessageOnceToWhomSeveralRecipientsLeadTo() {
    stranger().lines(MAIL + """
                            RCPT TO:<alice@example.org>
                            RCPT TO:<Alice@example.org>
                            RCPT TO:<alice+tag@example.org>
                            RCPT TO:<postmaster@example.org>
                            DATA
                            .
                            """);
    assertThat(inbound.spool.message().message().envelope().recipients()).hasSize(1);
    assertThat(inbound.spool.message().text()).doesNotContain("\tfor <");
  }

  @Test
  void refusesAtMailWhatIsAnnouncedTooBig() {
    var session = stranger();
    assertThat(lastLine(session.lines(GREET + "MAIL FROM:<s@client.example> SIZE=36700161\n"))).startsWith("552 5.3.4");
    assertThat(session.lines("MAIL FROM:<s@client.example> SIZE=36700160\n")).startsWith("250");
  }

  @Test
  void refusesRecipientsBeyondTheLimitButKeepsTheOthers() {
    var session = stranger(new MessageLimits(65_536, 100, 1000, 65_536, 100));
    var replies = session.lines(MAIL + "RCPT TO:<alice@example.org>\n".repeat(150));
    assertThat(replies.lines().filter(line -> line.startsWith("452 4.5.3"))).hasSize(50);
    assertThat(session.lines("DATA\nSubject: x\n\nx\n.\n")).contains("250 2.0.0 Queued as");
  }

  @Test
  void endsTheSessionAfterTooManyErrors() {
    var session = stranger();
    var replies = session.lines("XYZZY\n".repeat(30));
    assertThat(replies.lines().filter(line -> line.startsWith("500"))).hasSize(20);
    assertThat(replies).endsWith("421 4.7.0 Too many errors; goodbye\n");
    assertThat(session.isClosed()).isTrue();
  }

  @Test
  void endsTheSessionOfWhoOnlyPassesTheTime() {
    var session = stranger();
    session.lines(GREET + "NOOP\n".repeat(99));
    assertThat(session.isClosed()).isFalse();
    session.lines("RSET\n".repeat(25));
    assertThat(session.isClosed()).isTrue();
  }

  @Test
  void bearsAsManyErrorsAgainAfterAMessage() {
    var session = stranger();
    session.lines("XYZZY\n".repeat(20) + DATA + ".\n" + "XYZZY\n".repeat(20));
    assertThat(session.isClosed()).isFalse();
  }

  @Test
  void verifiesUsersOnlyWhenAllowed() {
    var session = new SpokenSession(inbound, Inbound.settings(ConnectionLimits.DEFAULT,
        new SessionSettings(2048, 20, 100, true, true, true), MessageLimits.DEFAULT), SpokenSession.TRUSTED);
    assertThat(session.lines("VRFY Alice\nVRFY <bob@example.net>\nVRFY forward\nVRFY nobody\nEXPN team\nEXPN alice\n"))
        .isEqualTo("""
                   250 2.1.5 <Alice@example.org>
                   250 2.1.5 <bob@example.net>
                   251 2.1.5 User not local; will forward to <dave@elsewhere.example>
                   550 5.1.1 No such user here
                   250-2.1.5 <alice@example.org>
                   250-2.1.5 <bob@example.org>
                   250 2.1.5 <carol@elsewhere.example>
                   550 5.1.1 No such alias here
                   """);
  }

  @Test
  void answersPipelinedCommandsInOrder() {
    assertThat(stranger().lines(MAIL + """
                                       RCPT TO:<x@elsewhere.example>
                                       RCPT TO:<alice@example.org>
                                       DATA
                                       Subject: x

                                       x
                                       .
                                       MAIL FROM:<>
                                       QUIT
                                       """).lines().skip(15).map(line -> line.substring(0, 3))).containsExactly("250",
        "550", "250", "354", "250",
        "250", "221");
  }

  private static String lastLine(String replies) {
    return replies.substring(replies.stripTrailing().lastIndexOf('\n') + 1);
  }

  private SpokenSession stranger() {
    return new SpokenSession(inbound, Inbound.settings(), SpokenSession.STRANGER);
  }

  private SpokenSession stranger(MessageLimits limits) {
    return new SpokenSession(inbound,
        Inbound.settings(ConnectionLimits.DEFAULT, SessionSettings.DEFAULT, limits), SpokenSession.STRANGER);
  }

  private SpokenSession trusted() {
    return new SpokenSession(inbound, Inbound.settings(), SpokenSession.TRUSTED);
  }
}
