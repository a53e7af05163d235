package org.posthorn.daemon.inbound;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthorn.daemon.inbound.ListenerSettings.Kind;
import org.posthorn.smtp.BodyType;

/** What becomes of the content of a message between the client and the spool. */
class ContentTest {
  private static final String TRANSACTION = """
                                            EHLO client.example
                                            MAIL FROM:<s@client.example>
                                            RCPT TO:<alice@example.org>
                                            """.replace("\n", "\r\n");

  private final Inbound inbound = new Inbound();

  @Test
  void putsOneReceivedFieldOnTopOfAStrangersMailAndNothingElse() {
    stranger().send(TRANSACTION + "DATA\r\nSubject: x\r\n\r\nx\r\n.\r\n");
    assertThat(inbound.spool.message().text()).isEqualTo("""
                                                         Received: from client.example ([198.51.100.7])
                                                         \tby mx.example.org (Posthorn) with ESMTP id 0000000000000001
                                                         \tfor <alice@example.org>;
                                                         \tSun, 22 Nov 2026 07:30:00 +0000
                                                         Subject: x

                                                         x
                                                         """.replace("\n", "\r\n"));
  }

  @Test
  void addsWhatIsMissingToTheMailOfItsOwnClients() {
    trusted().send(TRANSACTION + "DATA\r\nSubject: x\r\n\r\nDate: in the body\r\n.\r\n");
    assertThat(inbound.spool.message().text()).contains("""
                                                        +0000
                                                        Date: Sun, 22 Nov 2026 07:30:00 +0000
                                                        Message-ID: <0000000000000001@mx.example.org>
                                                        Subject: x
                                                        """.replace("\n", "\r\n"));
  }

  @Test
  void leavesWhatItsOwnClientsHavePutIn() {
    trusted().send(TRANSACTION + "DATA\r\ndate: yesterday\r\nMESSAGE-ID: <a@b>\r\n\r\n.\r\n");
    assertThat(inbound.spool.message().text()).endsWith("+0000\r\ndate: yesterday\r\nMESSAGE-ID: <a@b>\r\n\r\n");
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"just text\r\n", "two words: here\r\n", "8-bit \u00e9: x\r\n", " indented\r\n"})
  void dividesTheFieldsFromTextWithoutHeaderSection(String text) {
    stranger().send(TRANSACTION + "DATA\r\n" + text + ".\r\n");
    assertThat(inbound.spool.message().text()).endsWith(" +0000\r\n\r\n" + text);
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"", "\r\nbody only\r\n", "Subject : old\r\n\r\n", "X:\r\n\r\n"})
  void leavesHeaderSectionsAsTheyAre(String text) {
    stranger().send(TRANSACTION + "DATA\r\n" + text + ".\r\n");
    assertThat(inbound.spool.message().text()).endsWith(" +0000\r\n" + text);
  }

  @ParameterizedTest(name = "{0} -> {1}")
  @CsvSource(delimiter = '|', value = {
      "a\\nb\\r\\n | 550 5.5.2", "a\\rb\\r\\n | 550 5.5.2", "a\\r\\n.\\n\\r\\n | 550 5.5.2", "a\\r\\r\\n | 550 5.5.2"})
  void refusesBareLineEnds(String content, String reply) {
    var session = stranger();
    var octets = content.replace("\\r", "\r").replace("\\n", "\n");
    assertThat(session.send(TRANSACTION + "DATA\r\n" + octets + ".\r\nNOOP\r\n")).contains("\n" + reply)
        .endsWith("250 2.0.0 Ok\n");
    assertThat(inbound.spool.messages()).isEmpty();
    assertThat(inbound.spool.openDrafts()).isZero();
  }

  @Test
  void refusesAMessageThatGoesInCircles() {
    String received = "Received: from a by b; today\r\n";
    assertThat(stranger().send(TRANSACTION + "DATA\r\n" + received.repeat(100) + "\r\nx\r\n.\r\n"))
        .contains("\n554 5.4.6");
    assertThat(stranger().send(TRANSACTION + "DATA\r\n" + received.repeat(99) + "\r\n" + received + ".\r\n"))
        .contains("Queued as");
  }

  @Test
  void takesABigMessagePieceByPiece() {
    String line = "x".repeat(998) + "\r\n";
    stranger().send(TRANSACTION + "DATA\r\nSubject: big\r\n\r\n" + line.repeat(2000) + ".\r\n");
    assertThat(inbound.spool.message().text()).endsWith("Subject: big\r\n\r\n" + line.repeat(2000));
    assertThat(inbound.intake.heldBytes()).hasValue(0);
    assertThat(inbound.spool.openDrafts()).isZero();
  }

  @Test
  void refusesWhatIsTooBigAtItsEndAndKeepsNothingOfIt() {
    String line = "x".repeat(998) + "\r\n";
    var session = new SpokenSession(inbound, Inbound.settings(ConnectionLimits.DEFAULT, SessionSettings.DEFAULT,
        new MessageLimits(500_000, 100, 1000, 65_536, 100)), SpokenSession.STRANGER);
    assertThat(session.send(TRANSACTION + "DATA\r\n\r\n" + line.repeat(600) + ".\r\nNOOP\r\n")).contains("\n552 5.3.4")
        .endsWith("250 2.0.0 Ok\n");
    assertThat(session.send("MAIL FROM:<>\r\nRCPT TO:<alice@example.org>\r\nDATA\r\n" + "x".repeat(999) + "\r\n.\r\n"))
        .contains("\n554 5.6.0");
    assertThat(session.send("MAIL FROM:<>\r\nRCPT TO:<alice@example.org>\r\nDATA\r\n" + "X: y\r\n".repeat(12_000)
        + "\r\n.\r\n")).contains("\n552 5.3.4 Header");
    assertThat(inbound.spool.messages()).isEmpty();
    assertThat(inbound.spool.openDrafts()).isZero();
    assertThat(inbound.intake.heldBytes()).hasValue(0);
  }

  @Test
  void takesNoMessageWhileTheQueueIsBehind() {
    var session = stranger();
    inbound.setBehind(true);
    assertThat(session.send(TRANSACTION + "DATA\r\n")).doesNotContain("354")
        .endsWith("\n452 4.3.1 Cannot store the "
            + "message now; try again later\n");
    assertThat(session.send("MAIL FROM:<>\r\nRCPT TO:<alice@example.org>\r\nBDAT 3\r\nx\r\nBDAT 6 LAST\r\ny: 1\r\n"))
        .contains("\n452 4.3.1")
        .doesNotContain("Queued");
    assertThat(inbound.intake.heldBytes()).hasValue(0);
    inbound.setBehind(false);
    assertThat(session.send("MAIL FROM:<>\r\nRCPT TO:<alice@example.org>\r\nDATA\r\nx: y\r\n.\r\n")).contains("Queued");
    assertThat(inbound.spool.messages()).hasSize(1);
  }

  @Test
  void asksToComeBackWhenTheDiskRefusesAndRecovers() {
    var session = stranger();
    inbound.spool.failWhen(_ -> true);
    assertThat(session.send(TRANSACTION + "DATA\r\nx: y\r\n.\r\n"))
        .endsWith("\n452 4.3.1 Cannot store the message now; try again later\n");
    String next = "MAIL FROM:<>\r\nRCPT TO:<alice@example.org>\r\nDATA\r\n";
    assertThat(session.send(next)).as("the next one is not even asked for").doesNotContain("354").contains("452 4.3.1");
    inbound.spool.failWhen(_ -> false);
    assertThat(session.send(next + "x: y\r\n.\r\n" + next + "x: y\r\n.\r\n")).containsPattern("(?s)354.*354");
    assertThat(inbound.spool.messages()).hasSize(2);
    assertThat(inbound.counters.at(Kind.MX).refusals(InboundCounters.Refusal.STORAGE)).isEqualTo(2);
    assertThat(inbound.spool.openDrafts()).isZero();
  }

  @Test
  void asksToComeBackWhenTheDiskFillsUpWithinABigMessage() {
    String line = "x".repeat(998) + "\r\n";
    inbound.spool.failWhen(_ -> true);
    assertThat(stranger().send(TRANSACTION + "DATA\r\n\r\n" + line.repeat(1000) + ".\r\n")).contains("\n452 4.3.1");
    assertThat(inbound.spool.openDrafts()).isZero();
  }

  @Test
  void declaresContentThatTurnsOutToBeEightBitWhenHalfOfItIsOnDisk() {
    stranger().send(TRANSACTION + "DATA\r\nSubject: x\r\n\r\n" + "plain text\r\n".repeat(30_000) + "\u00e9\r\n.\r\n");
    assertThat(inbound.spool.message().message().envelope().body()).isEqualTo(BodyType.EIGHT_BIT_MIME);
  }

  @Test
  void declaresEightBitContentEvenWhenTheClientDidNot() {
    stranger().send(TRANSACTION + "DATA\r\nSubject: x\r\n\r\n\u00c3\u00a9\r\n.\r\n");
    assertThat(inbound.spool.message().message().envelope().body()).isEqualTo(BodyType.EIGHT_BIT_MIME);
  }

  @Test
  void takesAMessageInChunks() {
    var replies = stranger()
        .send(TRANSACTION + "BDAT 12\r\nSubject: x\r\nBDAT 0\r\nBDAT 7\r\n\r\n.\r\nx\nBDAT 0 LAST\r\n"
            .replace("x\nBDAT 0", "xxBDAT 0"));
    assertThat(replies).endsWith("""
                                 250 2.0.0 12 octets taken
                                 250 2.0.0 0 octets taken
                                 250 2.0.0 7 octets taken
                                 250 2.0.0 Queued as 0000000000000001
                                 """);
    assertThat(inbound.spool.message().text()).endsWith("Subject: x\r\n\r\n.\r\nxx\r\n");
  }

  @Test
  void refusesBareLineEndsInChunksToo() {
    assertThat(stranger().send(TRANSACTION + "BDAT 4 LAST\r\na\nb\nNOOP\r\n")).contains("\n550 5.5.2")
        .endsWith("250 2.0.0 Ok\n");
    assertThat(stranger().send(TRANSACTION + "BDAT 2\r\na\rBDAT 2 LAST\r\n\nx")).contains("Queued as");
  }

  @ParameterizedTest(name = "{0} -> {1}")
  @CsvSource(delimiter = '|', value = {
      "DATA | 503 5.5.1", "MAIL FROM:<> | 503 5.5.1", "RCPT TO:<bob@example.org> | 503 5.5.1", "NOOP | 250 2.0.0",
      "RSET | 250 2.0.0", "EHLO x | 250-"})
  void answersBetweenChunks(String command, String reply) {
    assertThat(stranger().send(TRANSACTION + "BDAT 3\r\nx\r\n" + command + "\r\n"))
        .contains("250 2.0.0 3 octets taken\n" + reply);
  }

  @Test
  void deliversNothingWhenDataComesBetweenChunks() {
    assertThat(stranger().send(TRANSACTION + "BDAT 3\r\nx\r\nDATA\r\nBDAT 3 LAST\r\ny\r\n"))
        .endsWith("""
                  503 5.5.1 A message is being sent by BDAT; finish it or send RSET
                  503 5.5.1 A message is being sent by BDAT; finish it or send RSET
                  """);
    assertThat(inbound.spool.messages()).isEmpty();
  }

  @ParameterizedTest(name = "after {0}")
  @CsvSource(delimiter = '|', value = {"NOOP | 503 5.5.1", "EHLO x | 503 5.5.1",
      "EHLO x\\r\\nMAIL FROM:<> | 554 5.5.1"})
  void dropsTheOctetsOfAChunkOutOfPlace(String before, String reply) {
    assertThat(stranger().send(before.replace("\\r\\n", "\r\n") + "\r\nBDAT 6 LAST\r\nQUIT\r\nNOOP\r\n"))
        .contains("\n" + reply)
        .endsWith("250 2.0.0 Ok\n");
  }

  @Test
  void forgetsTheChunksOfWhoResets() {
    stranger().send(TRANSACTION + "BDAT 3\r\nx\r\nRSET\r\nMAIL FROM:<>\r\nRCPT TO:<bob@example.org>\r\n"
        + "BDAT 3 LAST\r\ny\r\n");
    assertThat(inbound.spool.message().text()).endsWith("y\r\n").doesNotContain("x\r\n");
    assertThat(inbound.intake.heldBytes()).hasValue(0);
  }

  @Test
  void keepsNothingOfAConnectionThatBreaksOffInTheMiddle() {
    var session = stranger();
    session.send(TRANSACTION + "BDAT 3\r\nx\r\nBDAT 1000\r\nhalf");
    session.session().close();
    assertThat(inbound.spool.messages()).isEmpty();
    assertThat(inbound.intake.heldBytes()).hasValue(0);
  }

  private SpokenSession stranger() {
    return new SpokenSession(inbound, Inbound.settings(), SpokenSession.STRANGER);
  }

  private SpokenSession trusted() {
    return new SpokenSession(inbound, Inbound.settings(), SpokenSession.TRUSTED);
  }
}
