package org.posthorn.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.posthorn.delivery.Outbound.outcome;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.posthorn.queue.Outcome;
import org.posthorn.smtp.BodyType;
import org.posthorn.testkit.ScriptedServer;

class BinaryMimeTest {
  private static final String GIF = "Content-Type: image/gif\r\nContent-Transfer-Encoding: binary\r\n\r\nG\0\r\n\n.\r\r\nF";
  private static final Mail MAIL = Mail.to("a@peer.example").withContent(GIF).withBody(BodyType.BINARY_MIME);
  private static final String HELLO = "S: 220 x\nC: EHLO .*\nS: 250-x\\n250-%s\\n250 SIZE\n";

  @Test
  void goesAsItIsByBdatToAServerThatTakesIt() throws Exception {
    String script = HELLO.formatted("CHUNKING\\n250-BINARYMIME")
        + """
          C: MAIL FROM:<sender@origin.example> SIZE=78 BODY=BINARYMIME
          S: 250 ok
          C: RCPT TO:<a@peer.example>
          S: 250 ok
          BDAT:
          S: 250 taken
          """.replaceAll("SIZE=78", "SIZE=" + GIF.length());
    try (var server = ScriptedServer.start(script); var outbound = Outbound.patient()) {
      assertThat(outcome(outbound.deliver(MAIL, Outbound.to(server.address())), 0))
          .isInstanceOf(Outcome.Delivered.class);
      server.assertFinished();
      assertThat(server.messages()).containsExactly(GIF);
    }
  }

  @ParameterizedTest
  @CsvSource({"CHUNKING, BDAT:", "BINARYMIME, 'C: DATA;S: 354 go;DATA:'", "8BITMIME, 'C: DATA;S: 354 go;DATA:'",
      "CHUNKING\\n250-8BITMIME\\n250-SMTPUTF8, BDAT:"})
  void isEncodedForAServerThatDoesNot(String offered, String data) throws Exception {
    String script = HELLO.formatted(offered) + "C: MAIL FROM:<sender@origin.example> SIZE=\\d+\nS: 250 ok\n"
        + "C: RCPT TO:<a@peer.example>\nS: 250 ok\n" + data.replace(';', '\n') + "\nS: 250 taken\n";
    try (var server = ScriptedServer.start(script); var outbound = Outbound.patient()) {
      assertThat(outcome(outbound.deliver(MAIL, Outbound.to(server.address())), 0))
          .isInstanceOf(Outcome.Delivered.class);
      server.assertFinished();
      assertThat(server.messages()).containsExactly("""
                                                    Content-Type: image/gif
                                                    MIME-Version: 1.0
                                                    Content-Transfer-Encoding: base64

                                                    RwANCgouDQ0KRg==
                                                    """.replace("\n", "\r\n"));
    }
  }
}
