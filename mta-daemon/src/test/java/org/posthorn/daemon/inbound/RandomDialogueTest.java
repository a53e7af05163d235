package org.posthorn.daemon.inbound;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthorn.smtp.Domain;

/** Whatever a client says, in whatever order, some things must hold. Each seed is another hundred clients. */
class RandomDialogueTest {
  private static final List<String> SENTENCES = List.of(
      "EHLO client.example\r\n", "HELO client.example\r\n", "RSET\r\n", "NOOP\r\n", "HELP\r\n", "VRFY alice\r\n",
      "MAIL FROM:<s@client.example>\r\n", "MAIL FROM:<> SIZE=10 BODY=8BITMIME\r\n", "MAIL FROM:<a@b> SIZE=99999999\r\n",
      "RCPT TO:<alice@example.org>\r\n", "RCPT TO:<team@example.org> NOTIFY=SUCCESS\r\n",
      "RCPT TO:<bob@example.net>\r\n", "RCPT TO:<nobody@example.org>\r\n", "RCPT TO:<x@elsewhere.example>\r\n",
      "RCPT TO:<x@relayed.example>\r\n", "RCPT TO:<postmaster>\r\n", "RCPT TO:<alice@[192.0.2.1]>\r\n",
      "DATA\r\nSubject: x\r\n\r\nx\r\n.\r\n", "DATA\r\n.\r\n", "DATA\r\nbare\nline\r\n.\r\n",
      "BDAT 6\r\nx: y\r\n", "BDAT 0\r\n", "BDAT 6 LAST\r\nz: 1\r\n", "BDAT 0 LAST\r\n", "BDAT 3 LAST\r\na\nb",
      "QUIT?\r\n", "\r\n", "bare\nline\r\n", "MAIL FROM:<unclosed\r\n");

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void neverPromisesWhatItDoesNotKeepNorRelaysForStrangers(long seed) {
    var random = new Random(seed);
    for (int client = 0; client < 100; client++) {
      var inbound = new Inbound();
      var session = new SpokenSession(inbound, Inbound.settings(), SpokenSession.STRANGER);
      long promised = talk(session, random);
      session.session().close();

      assertThat(inbound.spool.messages()).hasSize((int) promised);
      assertThat(inbound.accepted).hasSize((int) promised);
      assertThat(inbound.spool.openDrafts()).isZero();
      assertThat(inbound.intake.heldBytes()).hasValue(0);
      assertThat(inbound.spool.messages()).allSatisfy(stored -> {
        assertThat(stored.text()).startsWith("Received: from client.example ");
        assertThat(stored.message().envelope().recipients()).isNotEmpty()
            .allSatisfy(recipient -> assertThat(
                recipient.address().host()).isIn(Domain.of("example.org"), Domain.of("example.net"),
                    Domain.of("relayed.example"), Domain.of("elsewhere.example")));
        // what stands at elsewhere.example is where the alias leads, not what the stranger asked for
        assertThat(stored.message().envelope().recipients()).noneMatch(r -> r.address().localPart().equals("x")
            && r.address().host().equals(Domain.of("elsewhere.example")));
      });
    }
  }

  private static long talk(SpokenSession session, Random random) {
    long promised = 0;
    for (int turn = 0; turn < 60 && !session.isClosed(); turn++) {
      String said = SENTENCES.get(random.nextInt(SENTENCES.size()));
      String replies = session.send(said);
      assertThat(replies).as("a reply to %s", said).isNotEmpty();
      promised += replies.lines().filter(line -> line.contains("Queued as")).count();
    }
    return promised;
  }
}
