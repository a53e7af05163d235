package org.posthorn.daemon.inbound;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.posthorn.smtp.Domain;

/** Whatever a client says, in whatever order, some things must hold. */
class RandomDialogueTest {
  private static final Set<Domain> MAY_RECEIVE = Set.of(Domain.of("example.org"), Domain.of("example.net"),
      Domain.of("relayed.example"));
  private static final Set<String> WHERE_ALIASES_LEAD = Set.of("carol@elsewhere.example", "dave@elsewhere.example");
  private static final List<String> SENTENCES = List.of(
      "EHLO client.example\r\n", "HELO client.example\r\n", "RSET\r\n", "NOOP\r\n", "HELP\r\n", "VRFY alice\r\n",
      "MAIL FROM:<s@client.example>\r\n", "MAIL FROM:<> SIZE=10 BODY=8BITMIME\r\n", "MAIL FROM:<a@b> SIZE=99999999\r\n",
      "RCPT TO:<alice@example.org>\r\n", "RCPT TO:<team@example.org> NOTIFY=SUCCESS\r\n",
      "RCPT TO:<bob@example.net>\r\n", "RCPT TO:<nobody@example.org>\r\n", "RCPT TO:<x@elsewhere.example>\r\n",
      "RCPT TO:<x@relayed.example>\r\n", "RCPT TO:<postmaster>\r\n", "RCPT TO:<alice@[192.0.2.1]>\r\n",
      "DATA\r\nSubject: x\r\n\r\nx\r\n.\r\n", "DATA\r\n.\r\n", "DATA\r\nbare\nline\r\n.\r\n",
      "BDAT 6\r\nx: y\r\n", "BDAT 0\r\n", "BDAT 6 LAST\r\nz: 1\r\n", "BDAT 0 LAST\r\n", "BDAT 3 LAST\r\na\nb",
      "QUIT?\r\n", "\r\n", "bare\nline\r\n", "MAIL FROM:<unclosed\r\n");

  private final Inbound inbound = new Inbound();
  private final SpokenSession session = new SpokenSession(inbound, Inbound.settings(), SpokenSession.STRANGER);

  @ParameterizedTest
  @MethodSource("seeds")
  void holdsForSentencesInAnyOrder(long seed) {
    var random = new Random(seed);
    long promised = 0;
    for (int turn = 0; turn < 60 && !session.isClosed(); turn++) {
      String said = SENTENCES.get(random.nextInt(SENTENCES.size()));
      String replies = session.send(said);
      assertThat(replies).as("a reply to %s", said).isNotEmpty();
      promised += promises(replies);
    }
    session.session().close();
    assertKept(inbound, promised);
  }

  @FuzzTest
  void holdsForAnyOctets(byte[] input) {
    var fresh = new Inbound();
    var anything = new SpokenSession(fresh, Inbound.settings(), SpokenSession.STRANGER);
    long promised = promises(anything.send(new String(input, StandardCharsets.ISO_8859_1)));
    anything.session().close();
    assertKept(fresh, promised);
  }

  static LongStream seeds() {
    return LongStream.range(0, 200);
  }

  private static long promises(String replies) {
    return replies.lines().filter(line -> line.startsWith("250 2.0.0 Queued as")).count();
  }

  /** Every promise is kept and nothing else is stored, nothing is left behind, and nobody relayed. */
  private static void assertKept(Inbound inbound, long promised) {
    assertThat(inbound.spool.messages()).hasSize((int) promised);
    assertThat(inbound.accepted).hasSize((int) promised);
    assertThat(inbound.spool.openDrafts()).isZero();
    assertThat(inbound.intake.heldBytes()).hasValue(0);
    for (var stored : inbound.spool.messages()) {
      assertThat(stored.text()).startsWith("Received: from ");
      assertThat(stored.message().envelope().recipients()).isNotEmpty()
          .allMatch(r -> MAY_RECEIVE.contains(
              r.address().host()) || WHERE_ALIASES_LEAD.contains(r.address().toString()));
    }
  }
}
