package org.posthorn.daemon.inbound;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.posthorn.daemon.inbound.ListenerSettings.Kind;
import org.posthorn.daemon.inbound.ListenerSettings.Terms;

/** LMTP where it differs from SMTP (RFC 2033 §4). */
class LmtpSessionTest {
  private static final String MAIL = "LHLO client.example\nMAIL FROM:<s@client.example>\n";
  private static final String THREE = MAIL + """
                                             RCPT TO:<alice@example.org>
                                             RCPT TO:<nobody@example.org>
                                             RCPT TO:<bob@example.org>
                                             RCPT TO:<alice@example.org>
                                             """;

  private final Inbound inbound = new Inbound();

  @Test
  void saysWhatItSpeaks() {
    assertThat(session().session().greeting().toWire()).isEqualTo("220 mx.example.org LMTP Posthorn\r\n");
    assertThat(session().lines("LHLO client.example\n")).contains("PIPELINING", "ENHANCEDSTATUSCODES", "8BITMIME");
    assertThat(session().lines("HELP\n")).startsWith("214-2.0.0 LHLO MAIL ");
  }

  @ParameterizedTest(name = "{0} -> {1}")
  @CsvSource(delimiter = '|', value = {"HELO client.example | 500 5.5.1", "EHLO client.example | 500 5.5.1"})
  void knowsNoOtherHello(String hello, String reply) {
    var session = session();
    assertThat(session.lines(hello + "\n")).startsWith(reply);
    assertThat(session.lines("MAIL FROM:<>\n")).startsWith("503 5.5.1");
  }

  @Test
  void isNotSpokenElsewhere() {
    assertThat(new SpokenSession(inbound, Inbound.settings(), SpokenSession.STRANGER).lines("LHLO client.example\n"))
        .startsWith("500 5.5.1");
  }

  @Test
  void answersOnceForEachRecipientThatItAcceptedEvenForTheSameOneTwice() {
    var replies = session().lines(THREE + "DATA\nSubject: x\n\nx\n.\nNOOP\n").lines().toList();
    assertThat(replies.subList(replies.size() - 4, replies.size() - 1)).hasSize(3)
        .allMatch(line -> line.startsWith("250 2.0.0 Queued as"));
    assertThat(replies.getLast()).isEqualTo("250 2.0.0 Ok");
    assertThat(inbound.spool.message().message().envelope().recipients()).hasSize(2);
    assertThat(inbound.spool.message().text()).contains(" with LMTP id ");
  }

  @Test
  void refusesAMessageOnceForEachRecipient() {
    assertThat(session().lines(THREE + "DATA\nSubject: x\n\nbare\rreturn\n.\nNOOP\n"))
        .endsWith("""
                  550 5.5.2 Lines must end in <CR><LF>
                  550 5.5.2 Lines must end in <CR><LF>
                  550 5.5.2 Lines must end in <CR><LF>
                  250 2.0.0 Ok
                  """);
  }

  @Test
  void answersTheLastChunkOnceForEachRecipientAndTheOthersOnce() {
    var replies = session().lines(THREE + "BDAT 6\nabcd\nBDAT 6 LAST\nefgh\nNOOP\n").lines().toList();
    assertThat(replies.subList(replies.size() - 5, replies.size())).satisfiesExactly(
        chunk -> assertThat(chunk).isEqualTo("250 2.0.0 6 octets taken"),
        first -> assertThat(first).startsWith("250 2.0.0 Queued as"),
        second -> assertThat(second).startsWith("250 2.0.0 Queued as"),
        third -> assertThat(third).startsWith("250 2.0.0 Queued as"),
        noop -> assertThat(noop).isEqualTo("250 2.0.0 Ok"));
  }

  @Test
  void answersDataWithoutARecipientBy503AndALastChunkNotAtAll() {
    assertThat(session().lines(MAIL + "DATA\n")).endsWith("503 5.5.1 No valid recipients\n");
    var session = session();
    session.lines(MAIL);
    assertThat(session.lines("BDAT 6 LAST\nabcd\n")).isEmpty();
    assertThat(session.lines("BDAT 6 LAST\nabcd\nNOOP\n")).isEqualTo("250 2.0.0 Ok\n");
  }

  @Test
  void hasKeywordsOfItsOwnInReceived() {
    session().lines("""
                    LHLO client.example
                    MAIL FROM:<s@client.example> SMTPUTF8
                    RCPT TO:<alice@example.org>
                    DATA
                    .
                    """);
    assertThat(inbound.spool.message().text()).contains(" with UTF8LMTP id ");
  }

  private SpokenSession session() {
    return new SpokenSession(inbound, Inbound.settings(), SpokenSession.STRANGER, Terms.of(Kind.LMTP));
  }
}
