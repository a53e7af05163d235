package org.posthorn.daemon.inbound;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthorn.daemon.inbound.CheckpointSettings.Bound;
import org.posthorn.daemon.inbound.ListenerSettings.Kind;
import org.posthorn.daemon.inbound.ListenerSettings.Terms;

class CheckpointTest {
  private static final String MAIL = "MAIL FROM:<a@client.example> TRANSID=<12345@client.example>\n";
  private static final String ENVELOPE = MAIL + "RCPT TO:<alice@example.org>\nRCPT TO:<bob@example.org> NOTIFY=NEVER\n";
  private static final CheckpointSettings ON = bounded(new Bound(2, 100_000), new Bound(100, 100_000));

  private final Inbound inbound = new Inbound();

  private static CheckpointSettings bounded(Bound all, Bound each) {
    return new CheckpointSettings(true, Duration.ofDays(2), all, each);
  }

  private SpokenSession session(CheckpointSettings checkpoint, String client) {
    return session(inbound, checkpoint, client);
  }

  private static SpokenSession session(Inbound inbound, CheckpointSettings checkpoint, String client) {
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

  private List<Path> kept() throws IOException {
    if (!Files.exists(inbound.checkpoints)) {
      return List.of();
    }
    try (var files = Files.list(inbound.checkpoints)) {
      return files.toList();
    }
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
  void holdsNothingOfAMessageThatWasRefused() {
    var session = session();
    assertThat(session.send((ENVELOPE + "DATA\nSubject: x\n\n").replace("\n", "\r\n") + "bare\nline\r\n.\r\n"))
        .contains("\n550 5.5.2 ");
    assertThat(inbound.intake.heldBytes()).hasValue(0);
    assertThat(session.lines(MAIL)).startsWith("250 ");
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
  void asksForContentAloneWhenItGoesOn() {
    breakOff("Subject: x\n\nx\n");
    assertThat(session().send((MAIL + "RCPT TO:<alice@example.org>\nDATA\n.\n").replace("\n", "\r\n")))
        .contains("\n503 5.5.1 ", "\n354 ", "Queued as")
        .doesNotContain("500 ");
  }

  @ParameterizedTest(name = "goes on by {0}")
  @ValueSource(strings = {"BDAT 10 LAST\r\nof it\r\nE\r\n", "BDAT 0\r\nBDAT 10 LAST\r\nof it\r\nE\r\n",
      "DATA\r\nof it\r\nE\r\n.\r\n"})
  void goesOnWithChunks(String rest) throws Exception {
    var session = session();
    assertThat(
        session.send(ENVELOPE.replace("\n", "\r\n") + "BDAT 12\r\nSubject: x\r\nBDAT 9\r\n\r\nmuch\r\noBDAT 10\r\nf i"))
        .endsWith("250 2.0.0 12 octets taken\n250 2.0.0 9 octets taken\n");
    session.session().close();
    assertThat(session().send(MAIL.replace("\n", "\r\n") + rest))
        .startsWith("355 20 is the transaction offset\n")
        .contains("Queued as");
    assertThat(content()).endsWith("Subject: x\r\n\r\nmuch\r\nof it\r\nE\r\n");
    assertThat(inbound.accepted).hasSize(1);
  }

  @Test
  void goesOnAtAnyOctetOfABinaryMessage() throws Exception {
    var mail = MAIL.replace(" TRANSID", " BODY=BINARYMIME TRANSID").replace("\n", "\r\n");
    var first = session();
    first.send(mail + "RCPT TO:<alice@example.org>\r\nBDAT 100\r\nSubject: x\r\n\r\n\0\1\2");
    first.session().close();
    assertThat(session().send(mail + "DATA\r\nBDAT 2 LAST\r\n\3\4"))
        .startsWith("355 17 is the transaction offset\n503 5.5.1 ")
        .contains("Queued as");
    assertThat(content()).endsWith("\r\n\r\n\0\1\2\3\4");
  }

  @Test
  void takesNothingTwiceByChunks() {
    var first = session();
    var taken = first.send(ENVELOPE.replace("\n", "\r\n") + "BDAT 16 LAST\r\nSubject: x\r\n\r\nx\n");
    first.session().close();
    assertThat(taken).doesNotContain("Queued"); // a bare LF
    var second = session();
    var queued = second.send(ENVELOPE.replace("\n", "\r\n") + "BDAT 17 LAST\r\nSubject: x\r\n\r\nx\r\n");
    second.session().close();
    var third = session();
    assertThat(third.send((MAIL + "BDAT 0 LAST\n").replace("\n", "\r\n")))
        .isEqualTo("355 17 is the transaction offset\n" + queued.lines().toList().getLast() + "\n");
    third.session().close();
    assertThat(session().send((MAIL + "BDAT 1\n").replace("\n", "\r\n") + "xBDAT 0 LAST\r\n"))
        .endsWith("554 5.5.0 This transaction was completed with less\n");
    assertThat(inbound.accepted).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"RSET\r\n", "QUIT\r\n", "EHLO client.example\r\n"})
  void forgetsChunksThatTheClientGivesUp(String command) throws Exception {
    var first = session();
    first.send(ENVELOPE.replace("\n", "\r\n") + "BDAT 12\r\nSubject: x\r\n" + command);
    first.session().close();
    assertThat(inbound.intake.heldBytes()).hasValue(0);
    assertThat(kept()).isEmpty();
    assertThat(session().lines(MAIL)).startsWith("250 ");
  }

  @Test
  void keepsNothingOfWhatIsRefused() throws Exception {
    var first = session();
    first.send(ENVELOPE.replace("\n", "\r\n") + "BDAT 12\r\nSubject: x\r\nDATA\r\n");
    first.session().close();
    assertThat(kept()).isEmpty();
  }

  @Test
  void hasNotedWhereItWasWhenItIsKilled(@TempDir Path folder) throws Exception {
    var line = "x".repeat(998) + "\r\n";
    var roomy = bounded(new Bound(2, 10_000_000), new Bound(2, 10_000_000));
    var killed = new Inbound(folder);
    session(killed, roomy, SpokenSession.TRUSTED).send(ENVELOPE.replace("\n", "\r\n") + "DATA\r\nSubject: x\r\n\r\n"
        + line.repeat(3000));
    var restarted = new Inbound(folder);
    var session = session(restarted, roomy, SpokenSession.TRUSTED);
    var offset = session.lines(MAIL);
    assertThat(offset).startsWith("355 ");
    int octets = Integer.parseInt(offset.substring(4, offset.indexOf(' ', 4)));
    assertThat(octets).isBetween(2_000_000, 3_000_014).matches(count -> (count - 14) % 1000 == 0);
    assertThat(session.send("DATA\r\n" + line.repeat((3_000_014 - octets) / 1000) + ".\r\n")).contains("Queued as");
    assertThat(restarted.spool.message().text()).endsWith("Subject: x\r\n\r\n" + line.repeat(3000));
  }

  /** What may happen to the files of a transaction. */
  enum Damage {
    AN_OCTET(".content", 5, "?"), CUT(".content", -1, ""), EMPTY_STATE(".state", 0, ""), WRONG_STATE(".state", 0, "!");

    private final String suffix;
    private final int at;
    private final String with;

    Damage(String suffix, int at, String with) {
      this.suffix = suffix;
      this.at = at;
      this.with = with;
    }

    void happen(List<Path> files) throws IOException {
      var file = files.stream().filter(one -> one.toString().endsWith(suffix)).findFirst().orElseThrow();
      var before = Files.readString(file);
      Files.writeString(file, switch (this) {
        case AN_OCTET, WRONG_STATE -> before.substring(0, at) + with + before.substring(at + 1);
        case CUT -> before.substring(0, before.length() + at);
        case EMPTY_STATE -> "";
      });
    }
  }

  @ParameterizedTest
  @EnumSource(Damage.class)
  void beginsAnewWhenWhatCameIsDamaged(Damage damage) throws Exception {
    breakOff("Subject: x\n\nx\n");
    damage.happen(kept());
    var session = session();
    assertThat(session.lines(MAIL)).isEqualTo("250 2.1.0 Sender ok\n");
    assertThat(kept()).isEmpty();
    assertThat(session.lines("RCPT TO:<alice@example.org>\nDATA\nSubject: y\n\ny\n.\n")).contains("Queued as");
    assertThat(content()).endsWith("Subject: y\r\n\r\ny\r\n");
  }

  @Test
  void sweepsAwayWhatIsTooOld() throws Exception {
    breakOff("Subject: x\n\nx\n");
    Files.writeString(inbound.checkpoints.resolve("0-1.content"), "nobody's");
    inbound.clock.advance(Duration.ofHours(47));
    assertThat(session().lines(MAIL.replace("12345", "other"))).startsWith("250 ");
    assertThat(kept()).hasSize(2);
    inbound.clock.advance(Duration.ofHours(1));
    assertThat(session().lines(MAIL.replace("12345", "another"))).startsWith("250 ");
    assertThat(kept()).isEmpty();
  }

  @Test
  void keepsNoMoreThanSoMany() {
    for (var id : List.of("1", "2", "3")) {
      var session = session();
      session.lines(ENVELOPE.replace("12345", id) + "DATA\nSubject: x\n\nx\n");
      session.session().close();
    }
    assertThat(session().lines(MAIL.replace("12345", "1"))).startsWith("355 ");
    assertThat(session().lines(MAIL.replace("12345", "2"))).startsWith("355 ");
    assertThat(session().lines(MAIL.replace("12345", "3"))).startsWith("250 ");
    assertThat(inbound.intake.checkpoints().orElseThrow().fill()).isEqualTo(new CheckpointFill(2, 34));
  }

  @ParameterizedTest
  @CsvSource({"1, 100000", "100, 20"})
  void leavesRoomForOtherClients(int transactions, long bytes) {
    var shared = bounded(new Bound(10, 100_000), new Bound(transactions, bytes));
    assertThat(keeps(shared, SpokenSession.TRUSTED, "1")).isTrue();
    assertThat(keeps(shared, SpokenSession.TRUSTED, "2")).isFalse();
    assertThat(keeps(shared, "192.0.2.8", "3")).isTrue();
    assertThat(keeps(shared, "2001:db8::1", "4")).isTrue();
    assertThat(keeps(shared, "2001:db8::2", "5")).as("a neighbour in the same /64").isFalse();
    assertThat(keeps(shared, "2001:db8:0:1::1", "6")).isTrue();
  }

  /** Whether {@code client} can go on with transaction {@code id} when it breaks off. */
  private boolean keeps(CheckpointSettings settings, String client, String id) {
    var first = session(settings, client);
    first.lines(ENVELOPE.replace("12345", id) + "DATA\nSubject: x\n\nx\n");
    first.session().close();
    var second = session(settings, client);
    boolean goesOn = second.lines(MAIL.replace("12345", id)).startsWith("355 ");
    second.session().close();
    return goesOn;
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
