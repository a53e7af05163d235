package org.posthorn.daemon.inbound;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthorn.smtp.BodyType;

/** BINARYMIME (RFC 3030 §3). */
class BinaryMimeSessionTest {
  private static final String BEGIN = "EHLO x\r\nMAIL FROM:<> BODY=BINARYMIME\r\nRCPT TO:<alice@example.org>\r\n";
  private static final String HEADER = "Subject: x\r\n\r\n";

  private final Inbound inbound = new Inbound();
  private final SpokenSession session = new SpokenSession(inbound, Inbound.settings(), SpokenSession.STRANGER);

  @ParameterizedTest
  @ValueSource(strings = {"a\rb\nc\0\u00ff", "no line end", "\r\n.\r\n", "\r"})
  void keepsEveryOctet(String body) {
    String content = HEADER + body;
    assertThat(session.send(BEGIN + "BDAT " + content.length() + " LAST\r\n" + content)).endsWith("\n")
        .contains("250 2.0.0 Queued as ");
    var message = inbound.accepted.getLast();
    assertThat(message.envelope().body()).isEqualTo(BodyType.BINARY_MIME);
    assertThat(inbound.spool.message().text()).startsWith("Received: ").endsWith("\r\n" + content);
  }

  @Test
  void doesNotGoByData() {
    assertThat(session.send(BEGIN + "DATA\r\nRSET\r\nMAIL FROM:<>\r\n")).contains("\n503 5.5.1 BINARYMIME")
        .endsWith("Sender ok\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"Subject: x\n.\r\n\r\n\0", "Subject: x\rBcc: y\r\n\r\n\0"})
  void hasAHeaderSectionOfLines(String content) {
    assertThat(session.send(BEGIN + "BDAT " + content.length() + " LAST\r\n" + content)).contains("\n550 5.5.2 ");
  }

  @Test
  void isAnnounced() {
    assertThat(session.send("EHLO x\r\n")).contains("250-BINARYMIME\n", "250-LIMITS RCPTMAX=1000\n");
  }
}
