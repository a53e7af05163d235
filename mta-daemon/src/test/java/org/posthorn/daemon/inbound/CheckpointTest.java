package org.posthorn.daemon.inbound;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthorn.daemon.inbound.ListenerSettings.Kind;
import org.posthorn.daemon.inbound.ListenerSettings.Terms;

class CheckpointTest {
  private static final String MAIL = "MAIL FROM:<a@client.example> TRANSID=<12345@client.example>\n";
  private static final String ENVELOPE = MAIL + "RCPT TO:<alice@example.org>\nRCPT TO:<bob@example.org> NOTIFY=NEVER\n";
  private static final CheckpointSettings ON = new CheckpointSettings(true, Duration.ofDays(2), 2, 100_000);

  private final Inbound inbound = new Inbound();

  private SpokenSession session(CheckpointSettings checkpoint, String client) {
    var usual = Inbound.settings();
    var session = new SpokenSession(inbound, usual.with(usual.extensions().with(checkpoint)), client,
        Terms.of(Kind.MX));
    session.lines("EHLO client.example\n");
    return session;
  }

  private SpokenSession session() {
    return session(ON, SpokenSession.TRUSTED);
  }

  /** Breaks off behind {@code content}. */
  private void breakOff(String content) {
    var session = session();
    assertThat(session.lines(ENVELOPE + "DATA\n" + content)).contains("\n354 ");
    session.session().close();
  }

  private String content() throws IOException {
    try (var in = inbound.spool.content(inbound.accepted.getLast().id()).open()) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void goesOnAtTheLineWhereItBrokeOff() throws Exception {
    breakOff("Subject: x\n\n..dot\nhalf a li");
    var session = session();
    assertThat(session.lines(MAIL)).isEqualTo("355 20 is the transaction offset\n");
    assertThat(session.lines("DATA\nhalf a line\n.\n"))
        .startsWith("354 Send the message from octet 20, ending with <CR><LF>.<CR><LF>\n250 2.0.0 Queued as ");
    assertThat(content()).endsWith("Subject: x\r\n\r\n.dot\r\nhalf a line\r\n");
    assertThat(inbound.accepted).singleElement()
        .satisfies(message -> assertThat(message.envelope().recipients()).hasSize(2));
  }

  @Test
  void goesOnTwiceWithALargeMessage() throws Exception {
    var line = "x".repeat(900) + "\n";
    breakOff("Subject: x\n\n" + line.repeat(50));
    var second = session();
    assertThat(second.lines(MAIL + "DATA\n" + line.repeat(40))).startsWith("355 45114 ");
    second.session().close();
    assertThat(session().lines(MAIL + "DATA\nend\n.\n")).startsWith("355 81194 ").contains("Queued as");
    assertThat(content()).endsWith("\r\n\r\n" + (line.repeat(90) + "end\n").replace("\n", "\r\n"));
  }

  @Test
  void takesNothingTwice() {
    var first = session();
    var taken = first.lines(ENVELOPE + "DATA\nSubject: x\n\nx\n.\n");
    first.session().close(); // before it could hear
    assertThat(session().lines(MAIL + "DATA\n.\n"))
        .isEqualTo("""
                   355 17 is the transaction offset
                   354 Send the message from octet 17, ending with <CR><LF>.<CR><LF>
                   """ + taken.lines().toList().getLast() + "\n");
    assertThat(inbound.accepted).hasSize(1);
  }

  @Test
  void refusesMoreOfAMessageThatWasTaken() {
    var first = session();
    first.lines(ENVELOPE + "DATA\nSubject: x\n\nx\n.\n");
    first.session().close();
    assertThat(session().lines(MAIL + "DATA\nmore\n.\n"))
        .endsWith("554 5.5.0 This transaction was completed with less\n");
    assertThat(inbound.accepted).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"RSET\n", "QUIT\n", "MAIL FROM:<b@client.example>\n"})
  void forgetsWhatTheClientKnowsToBeTaken(String next) {
    var first = session();
    first.lines(ENVELOPE + "DATA\nSubject: x\n\nx\n.\n" + next);
    first.session().close();
    assertThat(session().lines(MAIL)).isEqualTo("250 2.1.0 Sender ok\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"RSET\n", "QUIT\n"})
  void forgetsWhatTheClientGivesUp(String command) {
    breakOff("Subject: x\n\nx\n");
    var second = session();
    assertThat(second.lines(MAIL + command)).startsWith("355 17 ").contains("\n2");
    second.session().close();
    assertThat(session().lines(MAIL)).isEqualTo("250 2.1.0 Sender ok\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"MAIL FROM:<b@client.example> TRANSID=<12345@client.example>\n",
      "MAIL FROM:<a@client.example> BODY=8BITMIME TRANSID=<12345@client.example>\n",
      "MAIL FROM:<a@client.example> TRANSID=<12345@CLIENT.example>\n",
      "EHLO other.example\nMAIL FROM:<a@client.example> TRANSID=<12345@client.example>\n"})
  void goesOnWithTheSameTransactionOnly(String other) {
    breakOff("Subject: x\n\nx\n");
    assertThat(session().lines(other)).endsWith("250 2.1.0 Sender ok\n");
    assertThat(session(ON, "192.0.2.8").lines(MAIL)).startsWith("250 ");
    assertThat(session().lines(MAIL)).startsWith("355 ");
  }

  @Test
  void letsOneSessionAtATimeHaveATransaction() {
    var first = session();
    first.lines(MAIL);
    assertThat(session().lines(MAIL)).isEqualTo("450 4.5.0 This transaction is open in another session\n");
    first.session().close();
    assertThat(session().lines(MAIL)).startsWith("250 ");
  }

  @Test
  void letsGoOfATransactionWithoutRecipients() {
    var first = session();
    assertThat(first.lines(MAIL + "BDAT 0 LAST\n")).contains("\n554 ");
    assertThat(session().lines(MAIL + "RSET\n")).startsWith("250 ");
    first.lines("MAIL FROM:<b@client.example>\nRCPT TO:<alice@example.org>\nDATA\nSubject: x\n\nx\n");
    first.session().close();
    assertThat(session().lines(MAIL)).startsWith("250 ");
  }

  @Test
  void keepsNothingBeyondItsTime() {
    breakOff("Subject: x\n\nx\n");
    inbound.clock.advance(Duration.ofDays(2));
    assertThat(session().lines(MAIL)).startsWith("250 ");
  }

  @Test
  void keepsNothingBeyondItsRoom() {
    breakOff("Subject: x\n\n" + ("x".repeat(900) + "\n").repeat(200));
    assertThat(session().lines(MAIL)).startsWith("250 ");
  }

  @Test
  void asksForDataAloneWhenItGoesOn() {
    breakOff("Subject: x\n\nx\n");
    assertThat(session().send((MAIL + "RCPT TO:<alice@example.org>\nBDAT 1\n").replace("\n", "\r\n") + "x"
        + "DATA\r\n.\r\n")).contains("\n503 5.5.1 ", "\n354 ", "Queued as").doesNotContain("500 ");
  }

  @Test
  void beginsAnewWhenARecipientIsNotTakenAnyMore() {
    breakOff("Subject: x\n\nx\n");
    var usual = Inbound.settings();
    var other = new SpokenSession(inbound,
        usual.with(new LocalSettings(usual.local().domains(), LocalUsers.of(List.of("bob")), Aliases.NONE,
            usual.local().postmaster(), usual.local().delimiter(), usual.local().ownAddresses()))
            .with(usual.extensions().with(ON)),
        SpokenSession.TRUSTED,
        Terms.of(Kind.MX));
    other.lines("EHLO client.example\n");
    assertThat(other.lines(MAIL + "DATA\n")).isEqualTo("250 2.1.0 Sender ok\n554 5.5.1 No valid recipients\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"12345@client.example", "<12345>", "<@x>", "<a@b@c>", "<a..b@c>", "<a,b@c>", "<a@[b]>",
      "<a@b.>"})
  void readsTransidStrictly(String value) {
    assertThat(session().lines("MAIL FROM:<a@client.example> TRANSID=" + value + "\n"))
        .startsWith("501 5.5.4 TRANSID ");
    assertThat(session().lines("MAIL FROM:<a@client.example> TRANSID=<" + "a".repeat(77) + "@b>\n")).startsWith("501 ");
    assertThat(session().lines("MAIL FROM:<a@client.example> TRANSID=<" + "a".repeat(76) + "@b>\n")).startsWith("250 ");
  }

  @Test
  void isOffUnlessItIsWanted() {
    assertThat(session().lines("EHLO x\n")).contains("CHECKPOINT\n");
    var off = session(CheckpointSettings.DEFAULT, SpokenSession.TRUSTED);
    assertThat(off.lines("EHLO x\n")).doesNotContain("CHECKPOINT");
    assertThat(off.lines(MAIL)).isEqualTo("555 5.5.4 TRANSID is not available here\n");
  }
}
