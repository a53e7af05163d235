package org.posthorn.daemon.packaged;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthorn.testkit.SmtpTalk;

/** A client goes on with a message that broke off, over a new connection (RFC 1845 §5). */
class CheckpointIT {
  @TempDir
  private Path folder;

  @Test
  void goesOnWithAMessageThatBrokeOff() throws Exception {
    try (var daemon = PackagedDaemon.start(folder, "[checkpoint]\nenabled = true\n")) {
      try (var talk = SmtpTalk.greet(daemon.port())) {
        talk.say("MAIL FROM:<a@there.example> TRANSID=<1@there.example>", "250");
        talk.say("RCPT TO:<postmaster>", "250");
        talk.say("DATA", "354");
        talk.send("Subject: x\r\n\r\nfirst\r\nsec");
      }
      daemon.awaitLog(1, "transaction kept", "octets=21");
      try (var talk = SmtpTalk.greet(daemon.port())) {
        talk.say("MAIL FROM:<a@there.example> TRANSID=<1@there.example>", "355 21 ");
        talk.say("DATA", "354");
        talk.send("second\r\n");
        talk.say(".", "250");
      }
      try (var talk = SmtpTalk.greet(daemon.port())) {
        talk.say("MAIL FROM:<a@there.example> TRANSID=<1@there.example>", "355 29 ");
        talk.say("DATA", "354");
        talk.say(".", "250");
        talk.say("QUIT", "221");
      }
      daemon.awaitLog(1, " accepted ", "nrcpt=1");
    }
  }
}
