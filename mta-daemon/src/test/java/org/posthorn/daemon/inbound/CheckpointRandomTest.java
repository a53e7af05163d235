package org.posthorn.daemon.inbound;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.posthorn.daemon.inbound.CheckpointSettings.Bound;
import org.posthorn.daemon.inbound.ListenerSettings.Kind;
import org.posthorn.daemon.inbound.ListenerSettings.Terms;

/** However sessions break off and go on: what is promised is there, nothing is there twice, and nothing stays reserved. */
class CheckpointRandomTest {
  private static final String MAIL = "MAIL FROM:<s@client.example> TRANSID=<1@client.example>\r\n";
  private static final List<String> SENTENCES = List.of("EHLO client.example\r\n", "RSET\r\n", "NOOP\r\n", MAIL, MAIL,
      MAIL.replace("TRANSID", "BODY=BINARYMIME TRANSID"), "MAIL FROM:<s@client.example>\r\n",
      "RCPT TO:<alice@example.org>\r\n", "RCPT TO:<alice@example.org>\r\n", "RCPT TO:<nobody@example.org>\r\n",
      "DATA\r\nSubject: x\r\n\r\nx\r\n.\r\n", "DATA\r\n.\r\n", "DATA\r\nbare\nline\r\n.\r\n", "BDAT 6\r\nx: y\r\n",
      "BDAT 3\r\nx\r\n", "BDAT 0\r\n", "BDAT 2 LAST\r\n\r\n", "BDAT 0 LAST\r\n", "BDAT 1 LAST\r\n\0");
  private static final List<String> BROKEN = List.of("", "DATA\r\nx: y\r\nhalf", "BDAT 99\r\nx: y\r\nhalf", "QUIT\r\n");
  private static final Pattern QUEUED = Pattern.compile("250 2.0.0 Queued as ([0-9a-z]+)");

  private final Inbound inbound = new Inbound();

  static LongStream seeds() {
    return LongStream.range(0, 100);
  }

  private SpokenSession session() {
    var usual = Inbound.settings();
    var room = new Bound(3, 50);
    var session = new SpokenSession(inbound,
        usual.with(usual.extensions().with(new CheckpointSettings(true, Duration.ofDays(2), room, room))),
        SpokenSession.TRUSTED, Terms.of(Kind.MX));
    session.lines("EHLO client.example\n");
    return session;
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void holdsForSessionsInAnyOrder(long seed) {
    var random = new Random(seed);
    var promised = new HashSet<String>();
    for (int visit = 0; visit < 8; visit++) {
      var session = session();
      int turns = random.nextInt(12);
      for (int turn = 0; turn < turns && !session.isClosed(); turn++) {
        note(session.send(SENTENCES.get(random.nextInt(SENTENCES.size()))), promised);
      }
      if (!session.isClosed()) {
        note(session.send(BROKEN.get(random.nextInt(BROKEN.size()))), promised);
      }
      session.session().close();
      inbound.clock.advance(Duration.ofHours(random.nextInt(20)));
    }
    assertThat(inbound.accepted).extracting(message -> message.id().value())
        .containsExactlyInAnyOrderElementsOf(promised);
    assertThat(inbound.spool.openDrafts()).isZero();
    assertThat(inbound.intake.heldBytes()).hasValue(0);
    assertThat(session().send(MAIL)).matches("(250|355) .*\n");
    assertThat(inbound.intake.checkpoints().orElseThrow().fill().bytes()).isBetween(0L, 50L);
  }

  private static void note(String replies, Set<String> promised) {
    assertThat(replies).doesNotContain("451 4.3.0");
    QUEUED.matcher(replies).results().forEach(queued -> promised.add(queued.group(1)));
  }
}
