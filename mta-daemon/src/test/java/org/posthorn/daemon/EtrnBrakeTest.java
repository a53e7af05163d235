package org.posthorn.daemon;

import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthorn.testkit.FreePort;

/** Each ETRN has a destination tried that does not answer: whoever asks all the time must not undo its back-off. */
class EtrnBrakeTest {
  @TempDir
  private Path folder;

  @Test
  void startsTheSameMailOnceAMinute() throws Exception {
    try (var mta = RunningMta.start(folder, settings(FreePort.find())); var talk = mta.greet()) {
      talk.say("ETRN gone.example", "251 2.0.0"); // where nothing waits there is nothing to brake
      mta.accept("s@client.example", "x@gone.example", "Subject: x\r\n\r\nx\r\n");
      mta.awaitDeferred();
      talk.say("ETRN gone.example", "253 2.0.0 OK, 1 pending");
      Instant begun = mta.clock().instant();
      talk.say("ETRN gone.example", "458 4.3.0");
      talk.say("ETRN Gone.Example", "458 4.3.0");
      talk.say("ETRN idle.example", "251 2.0.0");
      mta.awaitDeferred();
      mta.setClock(begun.plusSeconds(59));
      talk.say("ETRN gone.example", "458 4.3.0");
      mta.setClock(begun.plusSeconds(60));
      talk.say("ETRN gone.example", "253 2.0.0");
      try (var other = mta.greet()) {
        other.say("ETRN gone.example", "458 4.3.0"); // nor by another session
      }
    }
  }

  private static String settings(int port) {
    return """
           [[route]]
           domain = "gone.example"
           via = "smtp://127.0.0.1:%d"
           [on-demand]
           etrn-domains = ["gone.example", "idle.example"]
           """.formatted(port);
  }
}
